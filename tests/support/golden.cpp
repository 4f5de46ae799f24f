#include "support/golden.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <sstream>

namespace emporia::support {
namespace {

constexpr const char* kEnd = "(end)";

std::string told_lines(std::istream& file) {
  std::string text;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') text += line + '\n';
  }
  return text;
}

}  // namespace

void check_golden(const std::string& name, const std::string& transcript) {
  std::ifstream file(std::string(SOURCE_DIR) + "/tests/golden/" + name + ".txt");
  REQUIRE_MESSAGE(file.good(), "there is no tests/golden/", name, ".txt");
  std::istringstream expected(told_lines(file));
  std::istringstream actual(transcript);
  std::string expected_line;
  std::string actual_line;
  for (int number = 1;; ++number) {
    const bool more_expected = static_cast<bool>(std::getline(expected, expected_line));
    const bool more_actual = static_cast<bool>(std::getline(actual, actual_line));
    if (!more_expected && !more_actual) return;
    if (!more_expected) expected_line = kEnd;
    if (!more_actual) actual_line = kEnd;
    CAPTURE(name);
    CAPTURE(number);
    if (expected_line != actual_line) {
      MESSAGE("the whole transcript:\n", transcript);
      REQUIRE_EQ(actual_line, expected_line);
    }
  }
}

}  // namespace emporia::support
