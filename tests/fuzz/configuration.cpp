// A configuration file, whatever is in it: settings, or all that is wrong with it.
#include <algorithm>

#include "fuzz/law.hpp"
#include "runtime/text.hpp"
#include "runtime/utf8.hpp"
#include "settings/load.hpp"

namespace emporia::fuzz {
namespace {

constexpr std::string_view kSecret = "correct-horse-battery-staple-7021";
constexpr std::size_t kMostProblems = 50;
constexpr std::size_t kLongestProblem = 500;

std::optional<std::string> environment(const std::string& name) {
  if (name == "EMPORIA_EMAIL") return "me@example.com";
  if (name == "EMPORIA_PASSWORD") return std::string(kSecret);
  return std::nullopt;
}

std::string wrong_with(const settings::Problem& problem, std::string_view input) {
  const auto lines = 1 + std::count(input.begin(), input.end(), '\n');
  if (problem.line < 0 || problem.column < 0) return "a position below 0";
  if (problem.line > lines) return "a line that the file does not have";
  if (problem.text.empty() || problem.text.size() > kLongestProblem) return "a message that is empty or endless";
  const bool own_words = input.find(kSecret) != std::string_view::npos;
  if (!own_words && problem.text.find(kSecret) != std::string::npos) return "a secret in a message";
  if (!runtime::is_utf8_text(problem.text)) return "a message that is not UTF-8: " + problem.text;
  for (const char c : problem.text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') return "a message with a control character";
  }
  return {};
}

}  // namespace

std::string broken_law(std::string_view input) {
  const auto outcome = settings::parse(input, "fuzz.toml", environment);
  const auto& messages = outcome ? outcome.value().warnings : outcome.error();
  if (!outcome && messages.empty()) return "refused without a reason";
  if (messages.size() > kMostProblems) return "more problems than a person reads";
  for (const settings::Problem& problem : messages) {
    if (std::string wrong = wrong_with(problem, input); !wrong.empty()) return wrong;
  }
  if (!outcome) return {};
  const settings::Settings& settings = outcome.value().settings;
  const std::string told = settings::describe(settings);
  if (told.find(kSecret) != std::string::npos && input.find(kSecret) == std::string_view::npos)
    return "a secret among the settings that are shown";
  // What is shown is a configuration again, and the same one; a secret that is shown as *** is as good as any.
  const auto again = settings::parse(told, "shown.toml", environment);
  if (!again) return "what is shown is no configuration: " + to_text(again.error().front()) + "\n" + told;
  const std::string told_again = settings::describe(again.value().settings);
  if (told_again != told) return "what is shown is another configuration:\n" + told + "\nand then\n" + told_again;
  return {};
}

}  // namespace emporia::fuzz
