#pragma once

#include "app/exit_code.hpp"
#include "mqtt/link.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// Builds the real parts (gRPC, MQTT, the ledger's file) and runs the bridge on the calling thread until it is told to
/// stop. Must be called before any other thread exists. Throws std::runtime_error with a sentence for people when the
/// state directory or a certificate file cannot be used.
ExitCode run_daemon(const settings::Settings& settings);

/// How the bridge reaches the broker, its will included.
mqtt::LinkOptions link_options(const settings::Settings& settings);

}  // namespace emporia::app
