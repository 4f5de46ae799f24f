#include "cli/progress.hpp"

#include <iostream>

#include "cli/quantities.hpp"
#include "cli/terminal.hpp"

namespace emporia::cli {

Progress::Progress(std::size_t steps) : on_terminal_(errors_go_to_terminal()), steps_(steps) {}

void Progress::show(const std::string& at) {
  if (!on_terminal_ || steps_ < 2) return;
  const double percent = 100.0 * static_cast<double>(done_) / static_cast<double>(steps_);
  std::cerr << "\r\x1b[K" << bar(percent) << " " << whole(percent, " %") << "  call " << done_ + 1 << " of " << steps_
            << "  " << at << std::flush;
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace emporia::cli
