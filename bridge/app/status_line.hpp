#pragma once

#include <string>

#include "app/collector.hpp"
#include "model/home.hpp"
#include "mqtt/session.hpp"

namespace emporia::app {

/// How the bridge is, as one sentence for who looks at it with `systemctl status`: what is wrong comes first, then what
/// is shown. Holds no secret.
std::string status_line(const Collector& collector, const mqtt::Session& session, const model::Home& home,
                        runtime::Now now);

}  // namespace emporia::app
