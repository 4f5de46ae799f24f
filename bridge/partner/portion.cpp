#include "partner/portion.hpp"

#include <algorithm>

namespace emporia::partner {
namespace {

using Ids = std::vector<model::DeviceId>;

// One bucket of a full monitor: 19 channels of 8 bytes and its start.
constexpr std::size_t kBytesPerBucket = 160;

std::chrono::seconds step(model::Scale scale) {
  const auto length = model::bucket_length(scale);
  // Longer buckets are so few that one a day is a safe estimate.
  return length.count() > 0 ? length : std::chrono::seconds{std::chrono::hours{24}};
}

std::size_t bucket_count(const FetchUsage& request) {
  if (request.end < request.start) return 1;
  return static_cast<std::size_t>((request.end - request.start) / step(request.scale)) + 1;
}

template <typename Typed>
std::vector<Request> halves_of_devices(const Typed& request) {
  if (request.devices.size() < 2) return {};
  const auto middle = request.devices.begin() + static_cast<std::ptrdiff_t>(request.devices.size() / 2);
  Typed first = request;
  Typed second = request;
  first.devices = Ids(request.devices.begin(), middle);
  second.devices = Ids(middle, request.devices.end());
  return {std::move(first), std::move(second)};
}

std::vector<FetchUsage> portions_by_time(const FetchUsage& request, std::size_t buckets) {
  std::vector<FetchUsage> parts;
  const auto length = step(request.scale);
  for (auto start = request.start; start <= request.end; start += length * static_cast<std::int64_t>(buckets)) {
    FetchUsage part = request;
    part.start = start;
    part.end = std::min(request.end, start + length * static_cast<std::int64_t>(buckets - 1));
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

std::vector<FetchUsage> portions(const FetchUsage& request, std::size_t largest_bytes) {
  const std::size_t most_buckets = std::max<std::size_t>(1, largest_bytes / kBytesPerBucket);
  const std::size_t buckets = bucket_count(request);
  if (request.devices.empty()) return {request};  // for the gateway to refuse
  if (buckets > most_buckets) {
    std::vector<FetchUsage> parts;
    for (const model::DeviceId& device : request.devices) {
      const FetchUsage alone{{device}, request.scale, request.start, request.end};
      for (FetchUsage& part : portions_by_time(alone, most_buckets)) parts.push_back(std::move(part));
    }
    return parts;
  }
  const std::size_t devices_each = std::max<std::size_t>(1, most_buckets / buckets);
  if (request.devices.size() <= devices_each) return {request};
  std::vector<FetchUsage> parts;
  for (std::size_t i = 0; i < request.devices.size(); i += devices_each) {
    const auto from = request.devices.begin() + static_cast<std::ptrdiff_t>(i);
    const auto left = static_cast<std::size_t>(request.devices.end() - from);
    const auto to = from + static_cast<std::ptrdiff_t>(std::min(devices_each, left));
    parts.push_back({Ids(from, to), request.scale, request.start, request.end});
  }
  return parts;
}

std::vector<Request> halves_by_device(const Request& request) {
  if (const auto* usage = std::get_if<FetchUsage>(&request)) return halves_of_devices(*usage);
  if (const auto* states = std::get_if<ListStates>(&request)) return halves_of_devices(*states);
  return {};
}

std::vector<Request> halves(const Request& request) {
  auto parts = halves_by_device(request);
  const auto* usage = std::get_if<FetchUsage>(&request);
  if (!parts.empty() || usage == nullptr) return parts;
  const std::size_t buckets = bucket_count(*usage);
  if (buckets < 2) return {};
  for (FetchUsage& part : portions_by_time(*usage, (buckets + 1) / 2)) parts.emplace_back(std::move(part));
  return parts;
}

}  // namespace emporia::partner
