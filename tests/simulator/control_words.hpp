#pragma once

#include <charconv>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/world.hpp"

namespace simulator {

/// A complaint: the command did nothing.
struct Refused {
  std::string why;
};

/// The words of a command line, taken from the left. What is missing or wrong is thrown as Refused.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}
  bool empty() {
    skip();
    return rest_.empty();
  }
  std::string next(const char* what) {
    if (empty()) throw Refused{std::string(what) + " is missing"};
    const auto end = rest_.find(' ');
    std::string word{rest_.substr(0, end)};
    rest_.remove_prefix(word.size());
    return word;
  }
  template <typename T>
  T number(const char* what, T least, T most) {
    const std::string word = next(what);
    T value{};
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || stop != word.data() + word.size() || !(value >= least && value <= most)) {
      std::ostringstream text;
      text << what << " is a number from " << least << " to " << most;
      throw Refused{text.str()};
    }
    return value;
  }
  bool flag() {
    const std::string word = next("on or off");
    if (word != "on" && word != "off") throw Refused{"say on or off"};
    return word == "on";
  }
  Seconds time(const char* what) {
    const auto time = parse_time(next(what));
    if (!time) throw Refused{std::string(what) + " is a time such as 2026-03-08T07:00:00Z, or seconds since 1970"};
    return *time;
  }
  /// All that is left but the blank that parts it, trailing blanks included.
  std::string rest() {
    if (!rest_.empty()) rest_.remove_prefix(1);
    return std::string(rest_);
  }

 private:
  void skip() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

/// The next word as a device, also a removed one, or as a channel of one.
Device& device_of(World& world, Words& words);
CircuitSpec& circuit_of(Device& device, Words& words);

/// One verb of the control port. `act` answers what follows "ok", with the world's mutex held.
struct Command {
  std::string_view name, arguments, what;
  std::string (*act)(World&, Words&);
};
/// What the next calls suffer, who may call and how often, how the service behaves.
const std::vector<Command>& fault_commands();
/// What becomes of devices, circuits and their data.
const std::vector<Command>& device_commands();
/// Time, calls and the truth.
const std::vector<Command>& report_commands();

}  // namespace simulator
