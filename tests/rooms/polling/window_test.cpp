#include "polling/window.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::polling;
using namespace std::chrono_literals;

namespace {

// The horizon: everything that ended by 12:00 is settled.
const model::UtcSeconds kNoon{std::chrono::seconds{1795392000} + 12h};

struct Booked {
  const char* device;
  /// Before the horizon; nothing for never.
  std::optional<std::chrono::seconds> ago;
};

/// "a b -15..-1": devices, first and last bucket in minutes before the horizon.
std::string windows(const std::vector<Booked>& devices, bool with_late) {
  std::vector<UsageState> states;
  for (const Booked& row : devices) {
    UsageState state{model::DeviceId(row.device), std::nullopt};
    if (row.ago) state.booked_until = kNoon - *row.ago;
    states.push_back(state);
  }
  std::string text;
  for (const UsageWindow& window : usage_windows(states, kNoon, with_late)) {
    text += text.empty() ? "" : " | ";
    for (const auto& device : window.devices) text += device.text() + " ";
    text += std::to_string((window.first - kNoon) / 1min) + ".." + std::to_string((window.last - kNoon) / 1min);
  }
  return text;
}

}  // namespace

TEST_CASE("what is asked to bring all up to the horizon") {
  const struct {
    const char* what;
    std::vector<Booked> devices;
    bool with_late;
    const char* windows;
  } cases[] = {
      {"nobody", {}, true, ""},
      {"never booked: a quarter of an hour", {{"a", {}}}, false, "a -15..-1"},
      {"up to the horizon: nothing", {{"a", 0s}}, true, ""},
      {"beyond the horizon, after the clock was set back: nothing", {{"a", -1h}}, true, ""},
      {"a minute behind, with an overlap", {{"a", 1min}}, false, "a -11..-1"},
      {"the farthest of those that keep up", {{"a", 1min}, {"b", 0s}, {"c", 5min}}, false, "a c -15..-1"},
      {"an hour behind still keeps up", {{"a", 1min}, {"b", 1h}}, false, "a b -70..-1"},
      {"more than an hour behind is late, and left out", {{"a", 1min}, {"b", 61min}}, false, "a -11..-1"},
      {"late ones have a window of their own",
       {{"a", 1min}, {"b", 61min}, {"c", 3h}},
       true,
       "a -11..-1 | b c -190..-1"},
      {"twelve hours back at the most", {{"b", 240h}}, true, "b -720..-1"},
      {"late ones only, and not now", {{"b", 240h}}, false, ""},
  };
  for (const auto& row : cases) CHECK_MESSAGE(windows(row.devices, row.with_late) == row.windows, row.what);
}

TEST_CASE("settled is what ended before the settling time") {
  CHECK(settled_until(kNoon + 30min, 30min) == kNoon);
  CHECK(settled_until(kNoon + 30min + 59s, 30min) == kNoon);
  CHECK(settled_until(kNoon + 31min, 30min) == kNoon + 1min);
}

TEST_CASE("late is more than an hour behind; never booked is not late") {
  const model::DeviceId id("a");
  CHECK_FALSE(is_late({id, std::nullopt}, kNoon));
  CHECK_FALSE(is_late({id, kNoon - 1h}, kNoon));
  CHECK(is_late({id, kNoon - 1h - 1s}, kNoon));
}
