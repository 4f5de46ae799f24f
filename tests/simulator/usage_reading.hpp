#pragma once

#include <doctest/doctest.h>
#include <map>
#include <utility>
#include <vector>

#include "simulator/caller.hpp"

namespace simulator_stories {

using Usage = api::DeviceUsageResponse::DeviceUsage;

inline std::map<unsigned, double> totals(const Usage& usage) {
  std::map<unsigned, double> sums;
  for (const auto& channel : usage.channel_usages()) {
    for (const double wh : channel.usages()) sums[channel.channel()] += wh;
  }
  return sums;
}

inline std::vector<unsigned> channels(const Usage& usage) {
  std::vector<unsigned> list;
  for (const auto& channel : usage.channel_usages()) list.push_back(channel.channel());
  return list;
}

inline const Usage& only(const Answer<api::DeviceUsageResponse>& answer) {
  REQUIRE_MESSAGE(answer.ok(), answer.text);
  REQUIRE(answer.reply.device_usages_size() == 1);
  return answer.reply.device_usages(0);
}
/// Of an answer that is gone at the end of the line.
inline Usage only(Answer<api::DeviceUsageResponse>&& answer) {
  return only(std::as_const(answer));
}

inline int count(const Answer<api::DeviceUsageResponse>& answer) {
  REQUIRE_MESSAGE(answer.ok(), answer.text);
  return answer.reply.device_usages_size() == 0 ? 0 : answer.reply.device_usages(0).bucket_epoch_seconds_size();
}

inline void check_equal(const std::map<unsigned, double>& a, const std::map<unsigned, double>& b) {
  REQUIRE(a.size() == b.size());
  for (const auto& entry : a) {
    CAPTURE(entry.first);
    CHECK(b.at(entry.first) == doctest::Approx(entry.second).epsilon(1e-9));
  }
}

}  // namespace simulator_stories
