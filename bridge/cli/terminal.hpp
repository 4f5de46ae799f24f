#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace emporia::cli {

/// Standard output shows to a person: it is a terminal that can move its cursor.
bool output_is_terminal();
/// Standard error shows to a person.
bool errors_go_to_terminal();
/// A person wants colour: standard output is a terminal, and the variable NO_COLOR is not set (no-color convention).
bool output_takes_colour();

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};
/// Of standard output's terminal, now; 80 by 24 where there is none.
ScreenSize screen_size();

/// The terminal's other screen for as long as this lives: what stood on the terminal comes back with the destructor.
/// Keys are not echoed, and the job cannot be stopped by ctrl-Z, which would leave the other screen standing.
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Replaces what is shown, in one write and without clearing first, so that nothing flickers. The lines fit.
  void draw(const std::vector<std::string>& lines);

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

}  // namespace emporia::cli
