#pragma once

#include <string>

#include "app/exit_code.hpp"
#include "cli/asking.hpp"
#include "json/value.hpp"
#include "recorder/conversation.hpp"
#include "recorder/websocket.hpp"
#include "runtime/result.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// Talks to Home Assistant's WebSocket API and waits for its answers, for commands of the command line.
class HomeAssistant {
 public:
  struct Trouble {
    std::string text;
    app::ExitCode exit_code = app::ExitCode::unavailable;
  };

  /// Throws app::CannotStart when [statistics] does not say where it is, or its file of authorities cannot be read.
  HomeAssistant(const settings::Statistics& settings, Ears& ears);

  /// Blocks until signed in.
  runtime::Result<runtime::Done, Trouble> open();
  /// Blocks until the answer is there.
  runtime::Result<json::Value, Trouble> ask(json::Object command);
  /// Blocks until then; false when ctrl-C came first.
  bool wait_until(runtime::SteadyTime time);

  const std::string& version() const { return conversation_.version(); }

 private:
  Trouble trouble() const;
  /// False when ctrl-C came.
  bool turn(runtime::SteadyTime until);

  Ears& ears_;
  recorder::WebSocket socket_;
  recorder::Conversation conversation_;
  bool interrupted_ = false;
};

}  // namespace emporia::cli
