#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <utility>
#include <vector>

#include "support/wait.hpp"

namespace emporia::support {

struct ChildOptions {
  /// The program, found by PATH unless it holds a '/', and its arguments.
  std::vector<std::string> argv;
  /// Added to the test's own environment.
  std::vector<std::pair<std::string, std::string>> environment;
  /// Written to its standard input, which is closed then.
  std::string input;
};

/// Another program: its output is collected by lines, its end is waited for, and it never outlives this object or the
/// test. Throws when it cannot be started.
class ChildProcess {
 public:
  explicit ChildProcess(ChildOptions options);
  explicit ChildProcess(std::vector<std::string> argv) : ChildProcess(ChildOptions{std::move(argv), {}, {}}) {}
  /// Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running() const;
  /// Without effect once it has ended.
  void signal(int number);

  /// A line of either stream, from the first one on, holds the text; waits for it. False at the limit, and as soon as
  /// the program has ended and said all.
  bool wait_for_line(const std::string& text, std::chrono::milliseconds limit = kPatience, std::size_t times = 1);
  /// Its exit code, or 128 and the number of the signal that ended it; nothing when it still runs at the limit.
  std::optional<int> wait_for_exit(std::chrono::milliseconds limit = kPatience);

  /// The whole lines written so far.
  std::vector<std::string> lines() const;
  /// The same, which are forgotten then, for a program that says more than one wants to keep. Not together with
  /// wait_for_line().
  std::vector<std::string> take_lines();
  std::string standard_output() const;
  std::string standard_error() const;

 private:
  struct Stream {
    int fd = -1;
    std::string text;
    std::size_t line_begin = 0;
    bool open = true;
  };

  void read_streams();
  bool read_some(Stream& stream);
  void wait_for_end();

  const std::string program_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  pid_t pid_ = -1;
  std::optional<int> exit_;
  Stream out_;
  Stream err_;
  std::vector<std::string> lines_;
  bool all_read_ = false;
  /// Closing the writing end tells the reader to give up, should a grandchild hold the streams open.
  int wake_[2] = {-1, -1};
  std::thread reader_;
  std::thread waiter_;
};

/// Runs a program to its end and returns its standard output; throws when it fails.
std::string run(std::vector<std::string> argv);

}  // namespace emporia::support
