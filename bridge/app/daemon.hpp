#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/exit_code.hpp"
#include "mqtt/link.hpp"
#include "partner/grpc_gateway.hpp"
#include "recorder/websocket.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// Reads the configuration again when SIGHUP asks for it; nothing when it is wrong, which has been told then. Called by
/// the loop: it may read small files, nothing slower.
using Reload = std::function<std::optional<settings::Settings>()>;

/// Builds the real parts (gRPC, MQTT, the ledger's file) and runs the bridge on the calling thread until it is told to
/// stop: within 5 s then, and at once at the second signal. Must be called before any other thread exists. Throws
/// CannotStart when the state directory or a certificate file cannot be used.
ExitCode run_daemon(const settings::Settings& settings, const Reload& reload);

/// How the service is reached. Throws std::runtime_error with a sentence for people when the file of authorities cannot
/// be read.
partner::GatewayOptions gateway_options(const settings::Partner& settings);

/// The state directory, which is made if it is not there. Throws std::runtime_error with a sentence for people when it
/// cannot be.
std::string state_directory(const settings::Settings& settings);

/// How Home Assistant's WebSocket API is reached.
recorder::WebSocketOptions recorder_options(const settings::Statistics& settings);

/// How the bridge reaches the broker, its will included.
mqtt::LinkOptions link_options(const settings::Settings& settings);

}  // namespace emporia::app
