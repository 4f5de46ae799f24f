#pragma once

// What the stories about requests share.

#include <doctest/doctest.h>
#include <sstream>
#include <utility>
#include <vector>

#include "bridge/sample_home.hpp"
#include "json/value.hpp"

namespace emporia::tests {

inline void request(World& world, const std::string& verb, const std::string& payload) {
  world.receive("emporia/bridge/request/" + verb, payload);
}

/// The lamp, known for half a minute.
inline void started(World& world) {
  only_lamp(world);
  world.start();
  world.run_for(30s);
  world.transcript();
}

/// The responses to a verb since the last look.
inline std::vector<json::Value> responses(World& world, const std::string& verb) {
  std::vector<json::Value> found;
  std::istringstream lines(world.transcript({"bridge/response/" + verb + ' '}));
  for (std::string line; std::getline(lines, line);) {
    auto parsed = json::parse(line.substr(line.find('{')), {std::size_t{1} << 20, 8});
    REQUIRE(parsed.ok());
    found.push_back(std::move(parsed).value());
  }
  return found;
}

inline const json::Value& at(const json::Value& value, const char* key) {
  const json::Value* member = value.find(key);
  REQUIRE(member != nullptr);
  return *member;
}

/// The error of the only response; empty where it is none.
inline std::string error_of(World& world, const std::string& verb) {
  const auto told = responses(world, verb);
  REQUIRE(told.size() == 1);
  const std::string* text = at(told.front(), "error").as_string();
  return text == nullptr ? std::string() : *text;
}

}  // namespace emporia::tests
