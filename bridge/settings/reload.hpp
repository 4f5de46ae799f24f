#pragma once

#include <string>
#include <vector>

#include "settings/settings.hpp"

namespace emporia::settings {

/// What differs between the settings of a running program and those that were read again, by names such as
/// "[log] level".
struct Differences {
  /// Taken over.
  std::vector<std::string> live;
  /// Left as they were: they apply when the program is started again.
  std::vector<std::string> at_start;
};

/// Takes over what may change while the program runs, as the table of options says; the rest of `running` stays.
Differences take_over(Settings& running, const Settings& fresh);

}  // namespace emporia::settings
