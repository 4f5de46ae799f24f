#pragma once

#include <string>
#include <vector>

#include "cli/home_view.hpp"
#include "runtime/clock.hpp"

namespace emporia::cli {

struct Frame {
  std::size_t columns = 80;
  /// 0: as many as it takes.
  std::size_t rows = 0;
  bool colour = false;
  /// Stands above the home while it may be out of date, such as why the broker cannot be reached; empty: nothing.
  std::string trouble;
  /// Stands below it; empty: nothing.
  std::string hint;
};

/// The home as text, a line each without its end: the bridge, then every device with its values. Circuits stand by
/// falling power. Where the rows do not suffice, first blank lines go, then the circuits that use least, then the last
/// devices, and a line says so. Pure.
std::vector<std::string> home_text(const HomeView& view, const Frame& frame, runtime::SystemTime now);

}  // namespace emporia::cli
