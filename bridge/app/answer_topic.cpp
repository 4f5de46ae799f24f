#include "app/answer_topic.hpp"

#include <algorithm>
#include <string_view>

#include "mqtt/message.hpp"

namespace emporia::app {

std::string why_no_answer_at(const mqtt::TopicTree& topics, const std::string& topic) {
  const std::string_view text = topic;
  const auto below = [text](const std::string& root) {
    return text.size() > root.size() && text.substr(0, root.size()) == root;
  };
  const auto at_or_below = [&](const std::string& root) {
    return text == root || text.substr(0, root.size() + 1) == root + "/";
  };
  if (!mqtt::legal_topic(text)) return "is no topic that can be published to";
  if (text.front() == '$') return "is the broker's own";
  if (below(topics.base() + "/response/") || below(topics.bridge("response/"))) return {};
  if (at_or_below(topics.base())) return "is one of the bridge's own";
  if (at_or_below(topics.prefix())) return "is one of Home Assistant's discovery";
  return {};
}

}  // namespace emporia::app
