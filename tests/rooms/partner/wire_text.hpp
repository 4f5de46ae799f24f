#pragma once

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>
#include <map>
#include <string>

#include "partner/oddities.hpp"
#include "partner_api2.pb.h"

namespace wire = emporiaenergy::partner_api_2;

/// A message from its text form, so that a case shows what is on the wire.
template <typename Message>
Message message(const std::string& text) {
  Message result;
  REQUIRE_MESSAGE(google::protobuf::TextFormat::ParseFromString(text, &result), "no such message: ", text);
  return result;
}

/// On one line, absent fields left out.
inline std::string text_of(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

/// How often each kind of oddity was noted; kinds that were not are left out.
using Noted = std::map<emporia::partner::Oddity, std::uint64_t>;
inline Noted noted(const emporia::partner::Oddities& oddities) {
  Noted result;
  for (std::size_t i = 0; i < emporia::partner::kOddityCount; ++i) {
    const auto kind = static_cast<emporia::partner::Oddity>(i);
    if (oddities.count(kind) > 0) result[kind] = oddities.count(kind);
  }
  return result;
}
