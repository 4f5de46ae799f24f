#pragma once

#include <cstddef>
#include <string>

namespace emporia::cli {

/// A bar on standard error while something takes several steps, on a terminal only; gone when this is.
class Progress {
 public:
  explicit Progress(std::size_t steps);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// "[####------]  40 %  2026-03-01T00:00:00Z"
  void show(const std::string& at);
  void done() { ++done_; }
  /// Makes room for a line of something else.
  void clear();

 private:
  bool shown_ = false;
  bool on_terminal_;
  std::size_t steps_;
  std::size_t done_ = 0;
};

}  // namespace emporia::cli
