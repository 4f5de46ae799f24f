#pragma once

#include <set>
#include <string>
#include <string_view>

namespace emporia::support {

/// Collects published messages and checks them against config/schemas with the validator of the system's Python.
class PayloadCheck {
 public:
  /// Of messages that differ in nothing but digits one is kept: a day's telegrams are alike.
  void add(const std::string& topic, const std::string& payload);
  bool empty() const { return messages_.empty(); }
  /// What the validator says is wrong below the base topic; empty when nothing is. With `all_seen` a topic of
  /// topics.json without a message is wrong too.
  std::string wrong(const std::string& base, bool all_seen = false) const;

 private:
  std::set<std::string> shapes_;
  std::string messages_;
};

}  // namespace emporia::support
