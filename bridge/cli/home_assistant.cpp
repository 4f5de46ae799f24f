#include "cli/home_assistant.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "app/cannot_start.hpp"
#include "app/daemon.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using State = recorder::Conversation::State;

recorder::WebSocketOptions options_of(const settings::Statistics& settings) {
  if (settings.url.empty() || settings.token.empty()) {
    throw app::CannotStart(ExitCode::configuration,
                           "[statistics] does not say where Home Assistant is: set url and token_file there");
  }
  return app::recorder_options(settings);
}

}  // namespace

HomeAssistant::HomeAssistant(const settings::Statistics& settings, Ears& ears) try
    : ears_(ears),
      socket_(options_of(settings), [&ears](recorder::SocketEvent event) { ears.inbox.post(std::move(event)); }),
      conversation_(socket_, settings.token.reveal()) {
} catch (const app::CannotStart&) {
  throw;
} catch (const std::runtime_error& error) {
  throw app::CannotStart(ExitCode::configuration, error.what());
}

bool HomeAssistant::turn(runtime::SteadyTime until) {
  for (app::Event& event : ears_.inbox.take_until(std::min(until, conversation_.next_deadline()))) {
    if (const auto* told = std::get_if<recorder::SocketEvent>(&event)) {
      conversation_.on_event(*told, runtime::read_clock());
    } else if (const auto* signal = std::get_if<runtime::Signal>(&event)) {
      interrupted_ = interrupted_ || *signal == runtime::Signal::stop;
    }
  }
  conversation_.on_time(runtime::read_clock());
  return !interrupted_;
}

HomeAssistant::Trouble HomeAssistant::trouble() const {
  if (interrupted_) return {"stopped", ExitCode::interrupted};
  return {conversation_.trouble(), conversation_.refused() ? ExitCode::configuration : ExitCode::unavailable};
}

runtime::Result<runtime::Done, HomeAssistant::Trouble> HomeAssistant::open() {
  conversation_.open(runtime::read_clock());
  while (conversation_.state() == State::opening && turn(runtime::kNever)) {
  }
  if (conversation_.state() != State::ready || interrupted_) return runtime::Failure{trouble()};
  return runtime::Done{};
}

runtime::Result<json::Value, HomeAssistant::Trouble> HomeAssistant::ask(json::Object command) {
  const std::int64_t id = conversation_.ask(std::move(command), runtime::read_clock());
  while (conversation_.state() == State::ready && turn(runtime::kNever)) {
    for (recorder::Reply& reply : conversation_.take_replies()) {
      if (reply.id != id) continue;
      if (reply.ok) return std::move(reply.result);
      const bool not_admin = reply.code == "unauthorized";
      return runtime::Failure{Trouble{
          "Home Assistant refuses: " + reply.error + (not_admin ? ": the token must be of an administrator" : ""),
          not_admin ? ExitCode::configuration : ExitCode::refused}};
    }
  }
  return runtime::Failure{trouble()};
}

bool HomeAssistant::wait_until(runtime::SteadyTime time) {
  while (runtime::read_clock().steady < time) {
    if (!turn(time)) return false;
  }
  return true;
}

}  // namespace emporia::cli
