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

/// Says in the log what became of a configuration that was read again.
void tell_differences(const settings::Differences& differences);

}  // namespace emporia::app
