#include <doctest/doctest.h>
#include <random>
#include <vector>

#include "fuzz/command_promises.hpp"

namespace emporia::commands {
namespace {

/// A message with a few bytes changed, cut, doubled or taken from another one.
std::string mutated(std::string text, const std::vector<std::string>& seeds, std::mt19937& random) {
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit)(random);
  };
  for (std::size_t i = below(4); i > 0; --i) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(below(255));
        break;
      case 1:
        text.insert(at, 1, "{}[]\",:eE.-+0123456789\\ \t"[below(25)]);
        break;
      case 2:
        text.erase(at, below(5));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      default:
        text += seeds[below(seeds.size() - 1)];
    }
  }
  return text;
}

TEST_CASE("no mutation of a command breaks a promise of the parser") {
  const std::vector<std::string> seeds{"ON",
                                       "true",
                                       "24.0",
                                       "1e999",
                                       "\"idle\"",
                                       "Charge to state of charge",
                                       R"({"value": 24, "id": "a", "timeout_s": 5})",
                                       R"({"on": true, "charge_rate_a": 24, "id": 17})",
                                       R"({"dispatch_mode": "idle", "reserve_soc_pct": 20.5})",
                                       R"({"target_soc_pct": 80, "reserve_soc_pct": 30, "power_kw": 2})",
                                       "[[[[[[[[1]]]]]]]]",
                                       "\xff\xfe\xc3\x28",
                                       R"({"id": "\u0000\ud83d\ude00", "on": 1})"};
  std::mt19937 random(20261123);
  for (int i = 0; i < 20'000; ++i) {
    const std::string& seed = seeds[static_cast<std::size_t>(i) % seeds.size()];
    const auto choice = static_cast<char>(std::uniform_int_distribution<int>(0, 255)(random));
    const std::string message = choice + mutated(seed, seeds, random);
    CAPTURE(message);
    CHECK(broken_promise(message) == "");
  }
}

}  // namespace
}  // namespace emporia::commands
