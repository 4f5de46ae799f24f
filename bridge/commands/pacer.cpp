#include "commands/pacer.hpp"

#include <algorithm>

namespace emporia::commands {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{4000};

}  // namespace

runtime::SteadyTime Pacer::hold_until(const model::DeviceId& device, Setting setting, runtime::SteadyTime now) const {
  const auto found = paces_.find({device, setting});
  if (found == paces_.end()) return now;
  const Pace& pace = found->second;
  return std::clamp(pace.last_sent + pace.pause, now, now + pace.pause / 2);
}

void Pacer::sent(const model::DeviceId& device, Setting setting, runtime::SteadyTime now) {
  const auto [entry, is_new] = paces_.try_emplace({device, setting}, Pace{now, kFirstPause});
  Pace& pace = entry->second;
  if (is_new) return;
  const bool rested = now - pace.last_sent > pace.pause * 2;
  pace.pause = rested ? kFirstPause : std::min(pace.pause * 2, kLongestPause);
  pace.last_sent = now;
}

void Pacer::forget_rested(runtime::SteadyTime now) {
  std::erase_if(paces_, [now](const auto& entry) { return now - entry.second.last_sent > entry.second.pause * 2; });
}

}  // namespace emporia::commands
