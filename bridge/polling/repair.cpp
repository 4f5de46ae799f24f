#include "polling/repair.hpp"

#include <algorithm>
#include <utility>

#include "polling/retention.hpp"

namespace emporia::polling {
namespace {

using namespace std::chrono_literals;
using model::Scale;
using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(Scale::hours);
// An hour less than the service's own retention: what is asked for now is answered a little later.
constexpr auto kMinutesKept = *kept_for(Scale::minutes) - 1h;
constexpr auto kQuartersKept = *kept_for(Scale::fifteen_minutes) - 1h;
// Times the 157 bytes of a full monitor's bucket: well below the 4 MB at which a reply is refused.
constexpr std::int64_t kBucketsPerCall = 10'000;

struct Candidate {
  model::DeviceId device;
  std::vector<UtcSeconds> hours;
};

std::vector<Candidate> of_scale(const std::vector<Lack>& lacks, Scale scale, UtcSeconds horizon) {
  std::vector<Candidate> candidates;
  for (const Lack& lack : lacks) {
    Candidate candidate{lack.device, {}};
    for (const UtcSeconds hour : lack.hours) {
      if (finest_scale(hour, horizon) == scale) candidate.hours.push_back(hour);
    }
    if (!candidate.hours.empty()) candidates.push_back(std::move(candidate));
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.hours.front() < b.hours.front(); });
  return candidates;
}

/// How far a request for so many devices may reach.
std::chrono::seconds reach(std::size_t devices, Scale scale) {
  const auto per_hour = static_cast<std::int64_t>(kHour / model::bucket_length(scale));
  return kHour * std::max<std::int64_t>(kBucketsPerCall / (per_hour * static_cast<std::int64_t>(devices)), 1);
}

RepairWindow window_of(const std::vector<Candidate>& candidates, Scale scale) {
  const UtcSeconds first = candidates.front().hours.front();
  const auto per_hour = static_cast<std::int64_t>(kHour / model::bucket_length(scale));
  const auto most = static_cast<std::size_t>(kBucketsPerCall / per_hour);
  std::size_t count = 1;
  while (count < std::min(candidates.size(), most) &&
         candidates[count].hours.front() < first + reach(count + 1, scale)) {
    ++count;
  }
  RepairWindow window{{}, scale, first, first};
  for (std::size_t i = 0; i < count; ++i) {
    window.devices.push_back(candidates[i].device);
    for (const UtcSeconds hour : candidates[i].hours) {
      if (hour < first + reach(count, scale)) window.last = std::max(window.last, hour);
    }
  }
  window.last += kHour - model::bucket_length(scale);
  return window;
}

}  // namespace

Scale finest_scale(UtcSeconds hour, UtcSeconds horizon) {
  const auto age = horizon - hour;
  if (age <= kMinutesKept) return Scale::minutes;
  return age <= kQuartersKept ? Scale::fifteen_minutes : Scale::hours;
}

std::optional<RepairWindow> gap_window(const std::vector<Lack>& lacks, UtcSeconds horizon) {
  for (const Scale scale : {Scale::minutes, Scale::fifteen_minutes, Scale::hours}) {
    const auto candidates = of_scale(lacks, scale, horizon);
    if (!candidates.empty()) return window_of(candidates, scale);
  }
  return std::nullopt;
}

RepairWindow reread_window(std::vector<model::DeviceId> devices, UtcSeconds horizon) {
  return {std::move(devices), Scale::minutes, model::bucket_start(horizon - kRevisedWithin, Scale::hours),
          horizon - model::bucket_length(Scale::minutes)};
}

bool may_ask_again(unsigned attempts, UtcSeconds asked_at, UtcSeconds now) {
  if (attempts == 0) return true;
  // A time of asking that lies ahead was noted before the clock was set back.
  return attempts < kAttempts && (asked_at > now || now - asked_at >= 1h * (1U << (attempts - 1)));
}

}  // namespace emporia::polling
