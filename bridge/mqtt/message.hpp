#pragma once

#include <string>
#include <string_view>

namespace emporia::mqtt {

enum class Qos { at_most_once = 0, at_least_once = 1 };

/// One message to publish. The topic is legal (no wildcards, no control characters, UTF-8, 1 to 65,535 bytes): who
/// builds it takes every foreign part through topic_id().
struct Message {
  std::string topic;
  std::string payload;
  Qos qos = Qos::at_least_once;
  /// A retained message with an empty payload clears the topic.
  bool retain = false;
  /// MQTT 5 only, left out where empty: where an answer goes, and what it must repeat.
  std::string response_topic;
  std::string correlation_data;
  friend bool operator==(const Message&, const Message&) = default;
};

/// A device id as one topic level: [A-Za-z0-9] stays, every other byte becomes '-' and two lower-case hex digits. Ids
/// that differ stay different, and the result never holds '_', '/', '+' or '#'. It is never "bridge" either, whose
/// topics are the bridge's own: of that id the first letter is written in digits.
///
/// "group:<id>" becomes "group--<id>" with the id's hyphens as they are: two of them follow each other in no other
/// level, so that a group never meets a device.
std::string topic_id(const std::string& device_id);
/// What the ids of configured groups begin with.
inline constexpr std::string_view kGroupIds = "group:";
/// The topic level is a group's.
bool is_group_level(std::string_view level);

/// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view text);

/// A topic that every broker takes for publishing: UTF-8 of 1 to 65,535 bytes without wildcards ('+', '#'), control
/// characters (U+0000 to U+001F, U+007F to U+009F) and non-characters, which MQTT 5 lets a receiver refuse.
bool legal_topic(std::string_view topic);

}  // namespace emporia::mqtt
