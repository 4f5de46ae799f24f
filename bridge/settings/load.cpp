#include "settings/load.hpp"

#include <algorithm>
#include <cstdlib>

#include "runtime/text.hpp"
#include "settings/files.hpp"
#include "settings/loading.hpp"

namespace emporia::settings {
namespace {

using runtime::concat;
using Outcome = runtime::Result<Loaded, std::vector<Problem>>;

std::vector<Problem> by_position(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  return problems;
}

Outcome parse_with(std::string_view text, Loading& loading) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  const Document document = read_document(text);
  for (const SyntaxError& error : document.errors) loading.problem(error.at, error.text);
  loading.incomplete = !document.errors.empty();
  fill(loading, document.root);
  find_credentials(loading);
  derive_defaults(loading);
  check(loading);
  std::vector<Problem> problems = loading.problems();
  if (!problems.empty()) return runtime::Failure{std::move(problems)};
  return Loaded{loading.settings, loading.warnings()};
}

}  // namespace

std::string to_text(const Problem& problem) {
  if (problem.file.empty()) return problem.text;
  if (problem.line == 0) return concat(problem.file, ": ", problem.text);
  return concat(problem.file, ":", problem.line, ":", problem.column, ": ", problem.text);
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* text = std::getenv(name.c_str());
    if (text == nullptr) return std::nullopt;
    return std::string(text);
  };
}

void Loading::refuse_at(Position at, std::string_view section, std::string_view name, std::string_view text) {
  refused_.insert(name_of(section, name));
  problem(at, concat("[", section, "] ", name, ": ", text));
}

void Loading::refuse(std::string_view section, std::string_view name, std::string_view text) {
  refuse_at(place(section, name), section, name, text);
}

void Loading::warn_at(Position at, std::string_view section, std::string_view name, std::string_view text) {
  warning(at, concat("[", section, "] ", name, ": ", text));
}

void Loading::warn(std::string_view section, std::string_view name, std::string_view text) {
  warn_at(place(section, name), section, name, text);
}

Position Loading::place(std::string_view section, std::string_view name) const {
  if (const auto option = places_.find(name_of(section, name)); option != places_.end()) return option->second;
  if (const auto header = sections_.find(std::string(section)); header != sections_.end()) return header->second;
  return {};
}

std::vector<Problem> Loading::problems() const {
  return by_position(problems_);
}
std::vector<Problem> Loading::warnings() const {
  return by_position(warnings_);
}

Outcome parse(std::string_view text, const std::string& file, const Environment& environment) {
  Loading loading(file, environment);
  return parse_with(text, loading);
}

Outcome load(const std::filesystem::path& file, const Environment& environment) {
  constexpr std::size_t kLargest = 1024 * 1024;
  const auto content = read_file(file, kLargest);
  if (!content) {
    return runtime::Failure{std::vector<Problem>{
        {file.string(), 0, 0, concat("the configuration file ", content.error(), "; -c FILE names another")}}};
  }
  Loading loading(file.string(), environment);
  loading.open_to_others = content.value().open_to_others;
  return parse_with(content.value().text, loading);
}

}  // namespace emporia::settings
