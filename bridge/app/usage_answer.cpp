#include "app/usage_answer.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using model::UtcSeconds;

constexpr int kWhDecimals = 6;

}  // namespace

UsageAnswer::UsageAnswer(UsageQuestion question, std::string device_name, UtcSeconds settled_until)
    : question_(std::move(question)),
      device_name_(std::move(device_name)),
      settled_until_(settled_until),
      portions_(portion_count(question_)) {
  for (const model::Channel channel : question_.channels) energy_wh_[channel];
}

void UsageAnswer::take(const model::DeviceUsage& usage) {
  if (usage.device != question_.device || usage.scale != question_.scale) return;
  const auto& wanted = question_.channels;
  for (const model::ChannelUsage& told : usage.channels) {
    if (!wanted.empty() && !std::binary_search(wanted.begin(), wanted.end(), told.channel)) continue;
    auto& values = energy_wh_[told.channel];
    for (std::size_t i = 0; i < usage.starts.size() && i < told.energy_wh.size(); ++i) {
      if (usage.starts[i] >= question_.to) continue;
      // Parts of a range may overlap by a bucket, and a value is better than none.
      double& value = values.try_emplace(usage.starts[i], model::kMissing).first->second;
      if (model::is_known(told.energy_wh[i])) value = told.energy_wh[i];
    }
  }
}

std::vector<json::Value> UsageAnswer::portions_of(const partner::FetchUsage& call) {
  std::vector<UtcSeconds> starts;
  const auto length = model::bucket_length(question_.scale);
  if (length.count() > 0) {
    for (UtcSeconds start = call.start; start <= call.end; start += length) starts.push_back(start);
  } else {
    std::set<UtcSeconds> told;
    for (const auto& [channel, values] : energy_wh_) {
      for (const auto& [start, energy_wh] : values) told.insert(start);
    }
    starts.assign(told.begin(), told.end());
    portions_ = std::max<std::size_t>(1, (starts.size() + question_.buckets_each - 1) / question_.buckets_each);
  }
  std::vector<json::Value> portions;
  for (std::size_t begin = 0; portions.empty() || begin < starts.size(); begin += question_.buckets_each) {
    const std::size_t end = std::min(starts.size(), begin + question_.buckets_each);
    ++told_;
    portions.push_back(portion(starts, begin, end, told_ < portions_));
  }
  for (auto& [channel, values] : energy_wh_) values.clear();
  return portions;
}

json::Value UsageAnswer::portion(const std::vector<UtcSeconds>& starts, std::size_t begin, std::size_t end,
                                 bool more) const {
  json::Array start_list;
  for (std::size_t i = begin; i < end; ++i) start_list.push_back(runtime::iso8601(starts[i]));
  json::Object channels;
  for (const auto& [channel, values] : energy_wh_) {
    json::Array list;
    for (std::size_t i = begin; i < end; ++i) {
      const auto found = values.find(starts[i]);
      if (found != values.end() && model::is_known(found->second)) {
        list.emplace_back(json::rounded(found->second, kWhDecimals));
      } else {
        list.emplace_back();
      }
    }
    channels.emplace_back(runtime::concat(channel), std::move(list));
  }
  return data(std::move(start_list), std::move(channels), told_, more, {});
}

json::Value UsageAnswer::waiting(const std::string& note) const {
  return data({}, {}, 0, true, note);
}

json::Value UsageAnswer::data(json::Array starts, json::Object energy_wh, std::size_t portion, bool more,
                              const std::string& note) const {
  const auto count = [](std::size_t number) { return json::Value(static_cast<std::int64_t>(number)); };
  return json::Object{{"device", question_.device.text()},
                      {"name", device_name_},
                      {"scale", model::word(question_.scale)},
                      {"from", runtime::iso8601(question_.from)},
                      {"to", runtime::iso8601(question_.to)},
                      {"settled_until", runtime::iso8601(settled_until_)},
                      {"portion", count(portion)},
                      {"portions", portions_ == 0 ? json::Value() : count(portions_)},
                      {"more", more},
                      {"note", note.empty() ? json::Value() : json::Value(note)},
                      {"starts", std::move(starts)},
                      {"energy_wh", std::move(energy_wh)}};
}

}  // namespace emporia::app
