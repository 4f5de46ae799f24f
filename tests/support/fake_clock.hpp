#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_clock_page.hpp"
#include "support/temp_dir.hpp"

namespace emporia::support {

/// Clocks for the programs that a test starts: they go `rate` times as fast as the real ones, every wait with them, and
/// their UTC can be set. The programs are unchanged; a library is loaded before theirs. Programs that share one have
/// the same time. Outlives them.
class FakeClock {
 public:
  /// `start`: their UTC at first, in place of the real one.
  explicit FakeClock(int rate, std::optional<std::chrono::sys_seconds> start = {});
  ~FakeClock();
  FakeClock(const FakeClock&) = delete;
  FakeClock& operator=(const FakeClock&) = delete;

  /// For ChildOptions::environment.
  std::vector<std::pair<std::string, std::string>> environment() const;
  int rate() const { return static_cast<int>(page_->rate); }
  /// Their UTC were it not set: the time of the world around them.
  std::chrono::sys_seconds true_time() const;
  /// Their UTC is so far from the true time from now on, running programs' too.
  void set(std::chrono::seconds from_true);
  /// How long in real time.
  std::chrono::milliseconds real(std::chrono::seconds fake) const;

 private:
  TempDir folder_;
  std::string path_;
  ClockPage* page_ = nullptr;
};

}  // namespace emporia::support
