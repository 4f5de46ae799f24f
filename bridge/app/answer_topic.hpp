#pragma once

#include <string>

#include "mqtt/topic_tree.hpp"

namespace emporia::app {

/// Why no answer goes to this response topic, for people; empty when one may. Who may ask must not borrow our rights to
/// speak in our name: topics of the bridge and of Home Assistant's discovery are ours, but <base>/response/... and
/// <base>/bridge/response/... are free for answers. A topic that begins with '$' belongs to the broker (MQTT 5.0,
/// 4.7.2).
std::string why_no_answer_at(const mqtt::TopicTree& topics, const std::string& topic);

}  // namespace emporia::app
