#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "app/usage_question.hpp"
#include "json/value.hpp"
#include "model/energy.hpp"

namespace emporia::app {

/// Turns what the service tells for a question into the data of its responses, portion by portion.
class UsageAnswer {
 public:
  UsageAnswer(UsageQuestion question, std::string device_name, model::UtcSeconds settled_until);

  const UsageQuestion& question() const { return question_; }
  /// A part of the reply to the call that is under way: a reply may be split.
  void take(const model::DeviceUsage& usage);
  /// The call is answered whole: the data of its portions, one at least. A bucket or a channel of a bucket that the
  /// service has no value for is null.
  std::vector<json::Value> portions_of(const partner::FetchUsage& call);
  /// Data without values that say why the next portion is late.
  json::Value waiting(const std::string& note) const;
  std::size_t portions_told() const { return told_; }

 private:
  json::Value portion(const std::vector<model::UtcSeconds>& starts, std::size_t begin, std::size_t end,
                      bool more) const;
  json::Value data(json::Array starts, json::Object energy_wh, std::size_t portion, bool more,
                   const std::string& note) const;

  UsageQuestion question_;
  std::string device_name_;
  model::UtcSeconds settled_until_;
  std::size_t portions_;
  std::size_t told_ = 0;
  std::map<model::Channel, std::map<model::UtcSeconds, double>> energy_wh_;
};

}  // namespace emporia::app
