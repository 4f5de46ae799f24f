// Loading survives whatever stands in the file. The mutations are the same in every run.
#include <cstdint>

#include "helpers.hpp"

using namespace settings_stories;
namespace settings = emporia::settings;

namespace {

/// xorshift64: the same numbers on every machine, which std's distributions do not promise.
class Dice {
 public:
  std::size_t below(std::size_t limit) {
    state_ ^= state_ << 13u;
    state_ ^= state_ >> 7u;
    state_ ^= state_ << 17u;
    return static_cast<std::size_t>(state_ % limit);
  }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15u;
};

const char* const kPieces[] = {"\"",       "'",          "\"\"\"",      "'''",  "[",      "]",
                               "[[",       "]]",         "{",           "}",    "=",      ",",
                               ".",        "\n",         "\r",          "\\",   "\\u",    "#",
                               "\xff",     "\xc3",       "\xc6\x9b",    "\x01", "1e400",  "-9999999999",
                               "nan",      "0x",         "1979-05-27",  "true", "[mqtt]", "[devices.names]",
                               "port = 1", "a.b.c = {}", "\xef\xbb\xbf"};

std::string mutated(std::string text, Dice& dice) {
  const std::size_t edits = 1 + dice.below(6);
  for (std::size_t i = 0; i < edits; ++i) {
    const std::size_t at = dice.below(text.size());
    const std::size_t length = dice.below(30);
    switch (dice.below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kPieces[dice.below(std::size(kPieces))]);
        break;
      case 2:
        text[at] = static_cast<char>(dice.below(256));
        break;
      case 3:
        text.insert(at, text.substr(dice.below(text.size()), length));
        break;
      case 4:
        text.replace(at, 1, kPieces[dice.below(std::size(kPieces))]);
        break;
      default:
        text.resize(at + 1);
        break;
    }
    if (text.empty()) text = "x";
  }
  return text;
}

}  // namespace

TEST_CASE("2000 mutations of the example are loaded or refused, and never with a secret in a message") {
  std::string example;
  for (std::string line : lines_of(read_text(std::string(SOURCE_DIR) + "/config/emporia2mqtt.toml"))) {
    // With the options uncommented there is more to break.
    if (line.size() > 1 && line[0] == '#' && line[1] >= 'a' && line[1] <= 'z') line.erase(0, 1);
    if (line.rfind("password = ", 0) == 0) line = "password = \"hunter2hunter2\"";
    if (line.rfind("email = ", 0) == 0) line = "email = \"me@example.com\"";
    example += line + "\n";
  }
  Dice dice;
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = mutated(example, dice);
    const auto outcome = settings::parse(text, "mutation.toml", environment());
    outcome ? ++good : ++bad;
    const auto messages = outcome ? outcome.value().warnings : outcome.error();
    if (!outcome) REQUIRE_FALSE(messages.empty());
    const int lines = static_cast<int>(lines_of(text).size()) + 1;
    for (const Problem& problem : messages) {
      CAPTURE(i);
      REQUIRE(problem.line >= 1);
      REQUIRE(problem.line <= lines);
      REQUIRE(problem.column >= 1);
      REQUIRE(problem.text.size() < 500);
      REQUIRE(problem.text.find("hunter2hunter2") == std::string::npos);
      REQUIRE(problem.text.find('\n') == std::string::npos);
    }
  }
  // Mutations within comments leave it right; if all were of one kind, the mutations would test little.
  CHECK(good > 100);
  CHECK(bad > 100);
}

TEST_CASE("hostile files end soon and in a message") {
  const std::string deep(100000, '[');
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "k" + std::to_string(i) + " = x\n";
  for (const std::string& text : {"a = " + deep, deep, many, "a = " + std::string(500000, '9'),
                                  std::string(1000000, '\\'), std::string("a = \"") + std::string(900000, 'x')}) {
    const auto outcome = settings::parse(text, "hostile.toml", environment());
    REQUIRE_FALSE(outcome.ok());
    CHECK_FALSE(outcome.error().empty());
    CHECK(outcome.error().size() <= 50);
    for (const Problem& problem : outcome.error()) CHECK(problem.text.size() < 500);
  }
}
