#include "cli/terminal.hpp"

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace emporia::cli {
namespace {

/// The other screen, no cursor, no wrapping at the right edge.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

void write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// One that can move its cursor.
bool is_terminal(int stream) {
  const char* kind = std::getenv("TERM");
  return ::isatty(stream) == 1 && kind != nullptr && *kind != '\0' && std::string_view(kind) != "dumb";
}

}  // namespace

bool output_is_terminal() {
  return is_terminal(STDOUT_FILENO);
}

bool errors_go_to_terminal() {
  return is_terminal(STDERR_FILENO);
}

bool output_takes_colour() {
  const char* refused = std::getenv("NO_COLOR");
  return output_is_terminal() && (refused == nullptr || *refused == '\0');
}

ScreenSize screen_size() {
  winsize told{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) != 0 || told.ws_col == 0 || told.ws_row == 0) return {};
  return {told.ws_col, told.ws_row};
}

struct Screen::Keys {
  termios before{};
  bool known = false;
};

Screen::Screen() : keys_(std::make_unique<Keys>()) {
  if (::tcgetattr(STDIN_FILENO, &keys_->before) == 0) {
    keys_->known = true;
    termios quiet = keys_->before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  }
  write_out(kEnter);
}

Screen::~Screen() {
  write_out(kLeave);
  // Keys pressed meanwhile were meant for nobody.
  if (keys_->known) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys_->before);
}

void Screen::draw(const std::vector<std::string>& lines) {
  std::string frame = "\x1b[H";
  for (std::size_t index = 0; index < lines.size(); ++index) {
    if (index > 0) frame += "\r\n";
    // Before the text: behind a full line the cursor still stands on the last column and would erase it.
    frame += "\x1b[K" + lines[index];
  }
  frame += "\x1b[J";
  write_out(frame);
}

}  // namespace emporia::cli
