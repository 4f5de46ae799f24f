// Days and weeks of everything that can go wrong with energy, at once and by chance; what is published and what Home
// Assistant makes of it is held against the truth of the service.
//
// The short form plays four days from each of two seeds. E2M_LONG=1 plays three weeks from each of twenty; E2M_SEED=n
// plays n alone, in either form, which is how a failure is played again.
#include <cstdlib>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "bridge/hostile_story.hpp"

using namespace emporia::tests;

namespace {

void play(Trouble trouble, std::uint64_t first_seed) {
  const bool weeks = std::getenv("E2M_LONG") != nullptr;
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < (weeks ? 20U : 2U); ++i) seeds.push_back(first_seed + i);
  if (const char* seed = std::getenv("E2M_SEED")) seeds = {std::strtoull(seed, nullptr, 10)};
  for (const std::uint64_t seed : seeds) {
    const std::string again = "E2M_SEED=" + std::to_string(seed) + (weeks ? " E2M_LONG=1" : "");
    INFO("play this again with ", again);
    HostileStory story(seed, weeks ? 21 * 24h : 4 * 24h, trouble);
    story.play();
    story.check();
  }
}

}  // namespace

TEST_CASE("a service that is late, revises, leaves out and fails") {
  play({true, false, false, false, false, false}, 100);
}
TEST_CASE("all that can go wrong at once") {
  play({}, 200);
}
TEST_CASE("a clock that is set forward and back, by minutes and by days") {
  play({true, true, true, true, true, true}, 300);
}
