#include "app/usage_question.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "app/named_device.hpp"
#include "app/time_argument.hpp"
#include "commands/value.hpp"
#include "polling/retention.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "settings/nearest.hpp"

namespace emporia::app {
namespace {

using model::Scale;
using model::UtcSeconds;
using runtime::concat;
using Trouble = runtime::Failure<std::string>;

// Times the 160 bytes of a full monitor's bucket: well below the 4 MB at which a reply may be refused.
constexpr std::size_t kBucketsInCall = 12'000;
constexpr std::size_t kMostChannels = 64;
constexpr std::array<Scale, 7> kScales{Scale::minutes, Scale::fifteen_minutes, Scale::hours, Scale::days,
                                       Scale::weeks,   Scale::months,          Scale::years};

runtime::Result<Scale, std::string> read_scale(const json::Value& value) {
  const std::string* text = value.as_string();
  std::vector<std::string_view> words;
  for (const Scale scale : kScales) {
    words.emplace_back(model::word(scale));
    if (text != nullptr && *text == words.back()) return scale;
  }
  const std::string_view near = text == nullptr ? std::string_view() : settings::nearest(*text, words);
  return Trouble{concat("scale takes ", settings::listed(words, "or", false), ", not ", commands::shown(value),
                        near.empty() ? "" : concat("; is ", near, " meant?"))};
}

std::set<model::Channel> channels_of(const model::DevicePicture& picture) {
  std::set<model::Channel> channels;
  for (const model::Circuit& circuit : picture.device.circuits) channels.insert(circuit.channel);
  for (const auto& [channel, reading] : picture.readings) {
    if (channel <= model::kLastChannel) channels.insert(channel);
  }
  return channels;
}

runtime::Result<std::vector<model::Channel>, std::string> read_channels(const json::Value& value,
                                                                        const model::DevicePicture& picture) {
  const std::set<model::Channel> known = channels_of(picture);
  constexpr std::size_t kLongestList = 200;
  std::string has;
  for (const model::Channel channel : known) {
    if (has.size() < kLongestList) has += concat(has.empty() ? " has " : ", ", channel);
  }
  if (!has.empty()) has = concat("; ", settings::in_quotes(picture.device.id.text()), has);
  const json::Array* list = value.as_array();
  if (list == nullptr || list->empty() || list->size() > kMostChannels) {
    return Trouble{
        concat("channels takes a list of channel numbers such as [1, 2], not ", commands::shown(value), has)};
  }
  std::set<model::Channel> wanted;
  for (const json::Value& item : *list) {
    const std::int64_t* number = item.as_integer();
    const bool legal = number != nullptr && *number >= 1 && *number <= std::int64_t{model::kLastChannel};
    if (!legal || (!known.empty() && known.count(static_cast<model::Channel>(*number)) == 0)) {
      return Trouble{concat("there is no channel ", commands::shown(item), has)};
    }
    wanted.insert(static_cast<model::Channel>(*number));
  }
  return std::vector<model::Channel>(wanted.begin(), wanted.end());
}

/// The least that a bucket lasts.
std::chrono::seconds least_length(Scale scale) {
  switch (scale) {
    case Scale::minutes:
    case Scale::fifteen_minutes:
    case Scale::hours:
      return model::bucket_length(scale);
    case Scale::days:
      return std::chrono::hours{23};
    case Scale::weeks:
      return std::chrono::hours{7 * 24 - 1};
    case Scale::months:
      return std::chrono::hours{28 * 24 - 1};
    case Scale::years:
      break;
  }
  return std::chrono::hours{365 * 24 - 1};
}

std::size_t most_buckets_between(const UsageQuestion& question) {
  const auto span = question.to - question.from;
  const auto length = least_length(question.scale);
  return static_cast<std::size_t>((span + length - std::chrono::seconds{1}) / length);
}

/// Cuts the range to what the service has and has settled, or says why nothing is left of it.
std::optional<std::string> fit_range(UsageQuestion& question, const UsageLimits& limits) {
  const auto told_range = [&] {
    return concat("from ", runtime::iso8601(question.from), " to ", runtime::iso8601(question.to));
  };
  if (question.from >= question.to) return concat(told_range(), " is no range: from has to be before to");
  const auto length = model::bucket_length(question.scale);
  if (length.count() == 0) {
    if (question.from >= limits.now) return std::string("from is not over yet: ask for earlier times");
    question.to = std::min(question.to, limits.now);
  } else {
    question.from = model::bucket_start(question.from, question.scale);
    question.to = model::bucket_start(question.to + length - std::chrono::seconds{1}, question.scale);
    const UtcSeconds settled = model::bucket_start(limits.settled_until, question.scale);
    if (question.from >= settled) {
      return concat("the newest settled bucket of this scale ends at ", runtime::iso8601(settled),
                    ", because the service changes its numbers for half an hour: ask for earlier times");
    }
    question.to = std::min(question.to, settled);
  }
  const auto kept = polling::kept_for(question.scale);
  if (kept && question.from < limits.now - *kept) {
    const UtcSeconds earliest = model::bucket_start(limits.now - *kept + length, question.scale);
    return concat("the service keeps ", model::word(question.scale), " for ", kept->count() / 24, " days: from can be ",
                  runtime::iso8601(earliest), " or later; for earlier times take ",
                  question.scale == Scale::minutes ? "fifteen_minutes or hours" : "hours");
  }
  const std::size_t buckets = most_buckets_between(question);
  if (buckets <= kMostBuckets) return std::nullopt;
  const auto reach = least_length(question.scale) * static_cast<std::int64_t>(kMostBuckets);
  return concat(told_range(), " is up to ", buckets, " buckets, at most ", kMostBuckets,
                " are told in one request: ask until ", runtime::iso8601(question.from + reach),
                " first, or take a coarser scale");
}

}  // namespace

runtime::Result<UsageQuestion, std::string> read_usage_question(const json::Object& arguments,
                                                                const UsageLimits& limits) {
  const json::Value all(arguments);
  const json::Value* device = all.find("device");
  if (device == nullptr || device->as_string() == nullptr) {
    return Trouble{
        std::string("device takes the id or the name of a device, such as "
                    R"({"device": "House", "scale": "hours", "from": "2026-11-22T00:00:00Z"})")};
  }
  auto found = named_device(limits.home, limits.names, *device->as_string());
  if (!found) return Trouble{found.error()};
  const model::DevicePicture& picture = *found.value();
  UsageQuestion question;
  question.device = picture.device.id;
  if (const json::Value* scale = all.find("scale")) {
    auto read = read_scale(*scale);
    if (!read) return Trouble{read.error()};
    question.scale = read.value();
  }
  const json::Value* from = all.find("from");
  const json::Value* to = all.find("to");
  auto from_time = read_time("from", from == nullptr ? json::Value() : *from);
  if (!from_time) return Trouble{from_time.error()};
  question.from = from_time.value();
  question.to = limits.now;
  if (to != nullptr && !to->is_null()) {
    auto to_time = read_time("to", *to);
    if (!to_time) return Trouble{to_time.error()};
    question.to = to_time.value();
  }
  if (const json::Value* channels = all.find("channels"); channels != nullptr && !channels->is_null()) {
    auto read = read_channels(*channels, picture);
    if (!read) return Trouble{read.error()};
    question.channels = std::move(read).value();
  }
  if (auto trouble = fit_range(question, limits)) return Trouble{std::move(*trouble)};
  const std::size_t channels = question.channels.empty() ? channels_of(picture).size() : question.channels.size();
  question.buckets_each = std::min(kBucketsInPortion, kValuesInPortion / std::max<std::size_t>(channels, 1));
  return question;
}

std::size_t portion_count(const UsageQuestion& question) {
  const auto length = model::bucket_length(question.scale);
  if (length.count() == 0) return 0;
  const auto buckets = static_cast<std::size_t>((question.to - question.from) / length);
  return (buckets + question.buckets_each - 1) / question.buckets_each;
}

std::vector<partner::FetchUsage> calls_for(const UsageQuestion& question) {
  const auto length = model::bucket_length(question.scale);
  if (length.count() == 0) {
    // The service tells the bucket that holds the end too, whole.
    return {{{question.device}, question.scale, question.from, question.to - std::chrono::seconds{1}}};
  }
  std::vector<partner::FetchUsage> calls;
  const std::size_t each = std::max(kBucketsInCall / question.buckets_each, std::size_t{1}) * question.buckets_each;
  const auto step = length * static_cast<std::int64_t>(each);
  for (UtcSeconds start = question.from; start < question.to; start += step) {
    calls.push_back({{question.device}, question.scale, start, std::min(question.to, start + step) - length});
  }
  return calls;
}

}  // namespace emporia::app
