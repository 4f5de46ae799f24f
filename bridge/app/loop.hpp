#pragma once

#include <optional>

#include "app/daemon.hpp"
#include "app/exit_code.hpp"
#include "app/supervision.hpp"
#include "app/works.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// What the loop needs besides the works.
struct Surroundings {
  runtime::Inbox<Event>& inbox;
  const Reload& reload;
  Supervision supervision;
  /// Those in force: what is read again is taken over here too.
  settings::Settings settings;
};

/// Runs the bridge until it has ended. Of one that others stand by for (`term`) nothing when its term is over first:
/// the works must do nothing more then.
std::optional<ExitCode> loop(Works& works, Surroundings& around, Term* term);

/// Reads the configuration again, takes over what can be, and says in the log, for `room`, what became of it. `bridge`:
/// which works by it, nullptr while none does.
void read_again(Surroundings& around, Bridge* bridge, const char* room);

}  // namespace emporia::app
