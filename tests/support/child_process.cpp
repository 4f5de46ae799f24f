#include "support/child_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace emporia::support {
namespace {

struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made");
  }
  int ends[2];
  int read_end() const { return ends[0]; }
  int write_end() const { return ends[1]; }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> joined(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const bool replaced = std::any_of(added.begin(), added.end(), [&](const auto& variable) {
      return text.compare(0, variable.first.size() + 1, variable.first + "=") == 0;
    });
    if (!replaced) all.push_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

/// Between fork and exec only what is safe in a signal handler may be called: the test has other threads.
[[noreturn]] void become(char** argv, char** environment, int in, int out, int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execvpe(argv[0], argv, environment);
  constexpr int kCannotRun = 127;
  ::_exit(kCannotRun);
}

void write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

/// For whoever looks at everything that all programs said: tests/support/secrets_in does.
void keep_output(const std::string& program, pid_t pid, const std::string& text) {
  const char* folder = std::getenv("E2M_OUTPUT_DIR");
  if (folder == nullptr || text.empty()) return;
  const std::string name = program.substr(program.rfind('/') + 1);
  std::ofstream(std::string(folder) + "/" + name + "." + std::to_string(pid), std::ios::app | std::ios::binary) << text;
}

}  // namespace

ChildProcess::ChildProcess(ChildOptions options) : program_(options.argv.front()) {
  // A child that ends before it has read its input must not end the test.
  ::signal(SIGPIPE, SIG_IGN);
  const Pipe in, out, err, wake;
  wake_[0] = wake.read_end();
  wake_[1] = wake.write_end();
  std::vector<std::string> environment = joined(options.environment);
  const std::vector<char*> argv = pointers(options.argv);
  const std::vector<char*> variables = pointers(environment);
  pid_ = ::fork();
  if (pid_ == 0) {
    become(const_cast<char**>(argv.data()), const_cast<char**>(variables.data()), in.read_end(), out.write_end(),
           err.write_end());
  }
  for (const int fd : {in.read_end(), out.write_end(), err.write_end()}) ::close(fd);
  out_.fd = out.read_end();
  err_.fd = err.read_end();
  if (pid_ < 0) throw std::runtime_error("cannot start " + options.argv.front());
  reader_ = std::thread([this] { read_streams(); });
  waiter_ = std::thread([this] { wait_for_end(); });
  write_all(in.write_end(), options.input);
  ::close(in.write_end());
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  waiter_.join();
  ::close(wake_[1]);
  reader_.join();
  for (const int fd : {wake_[0], out_.fd, err_.fd}) ::close(fd);
  keep_output(program_, pid_, out_.text + err_.text);
}

void ChildProcess::wait_for_end() {
  siginfo_t info{};
  // The process is reaped under the lock, so that signal() cannot reach a stranger with the same id.
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  constexpr int kSignalled = 128;
  exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  changed_.notify_all();
}

void ChildProcess::read_streams() {
  while (out_.open || err_.open) {
    pollfd waiting[] = {{wake_[0], 0, 0}, {out_.open ? out_.fd : -1, POLLIN, 0}, {err_.open ? err_.fd : -1, POLLIN, 0}};
    if (::poll(waiting, std::size(waiting), -1) < 0) continue;
    if (waiting[1].revents != 0) out_.open = read_some(out_);
    if (waiting[2].revents != 0) err_.open = read_some(err_);
    if (waiting[0].revents != 0 && waiting[1].revents == 0 && waiting[2].revents == 0) break;
  }
  const std::lock_guard lock(mutex_);
  all_read_ = true;
  changed_.notify_all();
}

bool ChildProcess::read_some(Stream& stream) {
  char buffer[65536];
  const ssize_t n = ::read(stream.fd, buffer, sizeof buffer);
  if (n <= 0) return n < 0 && errno == EINTR;
  const std::lock_guard lock(mutex_);
  stream.text.append(buffer, static_cast<std::size_t>(n));
  for (auto end = stream.text.find('\n', stream.line_begin); end != std::string::npos;
       end = stream.text.find('\n', stream.line_begin)) {
    lines_.push_back(stream.text.substr(stream.line_begin, end - stream.line_begin));
    stream.line_begin = end + 1;
  }
  changed_.notify_all();
  return true;
}

bool ChildProcess::running() const {
  const std::lock_guard lock(mutex_);
  return !exit_;
}

void ChildProcess::signal(int number) {
  const std::lock_guard lock(mutex_);
  if (!exit_) ::kill(pid_, number);
}

bool ChildProcess::wait_for_line(const std::string& text, std::chrono::milliseconds limit, std::size_t times) {
  std::unique_lock lock(mutex_);
  std::size_t looked_at = 0;
  std::size_t found = 0;
  changed_.wait_for(lock, limit, [&] {
    for (; looked_at < lines_.size(); ++looked_at) {
      if (lines_[looked_at].find(text) != std::string::npos) ++found;
    }
    return found >= times || (exit_ && all_read_);
  });
  return found >= times;
}

std::optional<int> ChildProcess::wait_for_exit(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] { return exit_ && all_read_; });
  return exit_;
}

std::vector<std::string> ChildProcess::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::vector<std::string> ChildProcess::take_lines() {
  const std::lock_guard lock(mutex_);
  for (Stream* stream : {&out_, &err_}) stream->text.erase(0, std::exchange(stream->line_begin, 0));
  return std::exchange(lines_, {});
}

std::string ChildProcess::standard_output() const {
  const std::lock_guard lock(mutex_);
  return out_.text;
}

std::string ChildProcess::standard_error() const {
  const std::lock_guard lock(mutex_);
  return err_.text;
}

std::string run(std::vector<std::string> argv) {
  const std::string program = argv.front();
  ChildProcess child(std::move(argv));
  const auto code = child.wait_for_exit();
  if (code != 0) throw std::runtime_error(program + " failed: " + child.standard_error());
  return child.standard_output();
}

}  // namespace emporia::support
