#include "statistics/schedule.hpp"

namespace emporia::statistics {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 30s;
constexpr auto kLongestPause = 15min;
constexpr auto kAfterRefusal = 1h;
constexpr auto kAtTheLatest = 50min;

std::int64_t hour_of(runtime::Now now) {
  return std::chrono::floor<std::chrono::hours>(now.system.time_since_epoch()).count();
}
auto into_hour(runtime::Now now) {
  return now.system.time_since_epoch() - std::chrono::hours{hour_of(now)};
}

}  // namespace

Schedule::Schedule(std::uint64_t seed) : backoff_(kFirstPause, kLongestPause, seed) {}

bool Schedule::may_begin(bool caught_up, runtime::Now now) const {
  if (again_at_ != runtime::kNever) return now.steady >= again_at_;
  if (hour_of(now) == done_in_) return false;
  return caught_up || into_hour(now) >= kAtTheLatest;
}

void Schedule::began(runtime::Now now) {
  done_in_ = hour_of(now);
  again_at_ = runtime::kNever;
}

void Schedule::failed(runtime::Now now) {
  again_at_ = now.steady + backoff_.next();
}

void Schedule::refused(runtime::Now now) {
  again_at_ = now.steady + kAfterRefusal;
}

void Schedule::succeeded() {
  backoff_.reset();
}

runtime::SteadyTime Schedule::next_deadline(runtime::Now now) const {
  if (again_at_ != runtime::kNever) return again_at_;
  const auto wait = [&](auto until) {
    return now.steady + std::chrono::duration_cast<runtime::SteadyTime::duration>(until - into_hour(now)) + 1ms;
  };
  if (hour_of(now) == done_in_) return wait(1h);
  return into_hour(now) < kAtTheLatest ? wait(kAtTheLatest) : wait(1h);
}

}  // namespace emporia::statistics
