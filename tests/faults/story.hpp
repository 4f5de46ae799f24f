#pragma once

#include "process/laws.hpp"

namespace emporia::tests {

/// Time goes twenty times as fast: polls come every few seconds, pauses of a minute are over in three.
inline constexpr int kFaster = 20;

/// An installation with a fast clock and the laws over it.
struct Story {
  explicit Story(int rate = kFaster) : clock(rate), home(Installation::with_clock(clock)), laws(home, clock) {}

  support::FakeClock clock;
  Installation home;
  Laws laws;
};

}  // namespace emporia::tests
