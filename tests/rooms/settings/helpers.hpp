#pragma once

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <vector>

#include "settings/load.hpp"

namespace settings_stories {

using emporia::settings::Environment;
using emporia::settings::Loaded;
using emporia::settings::Problem;
using emporia::settings::to_text;
using Lines = std::vector<std::string>;

/// An environment with these variables and no others.
inline Environment environment(std::map<std::string, std::string> variables = {}) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

/// What lets a file without any account load.
inline Environment signed_in() {
  return environment({{"EMPORIA_EMAIL", "me@example.com"}, {"EMPORIA_PASSWORD", "correct horse"}});
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline Lines texts(const std::vector<Problem>& problems) {
  Lines result;
  for (const Problem& problem : problems) result.push_back(to_text(problem));
  return result;
}

inline std::string joined(const Lines& lines) {
  std::string result;
  for (const std::string& line : lines) result += line + "\n";
  return result;
}

/// The settings of a text that is right; anything else fails the test.
inline Loaded loaded(const std::string& text, const Environment& variables = signed_in()) {
  const auto outcome = emporia::settings::parse(text, "test.toml", variables);
  INFO((outcome ? std::string() : joined(texts(outcome.error()))));
  REQUIRE(outcome.ok());
  return outcome.value();
}

/// The problems of a text that is wrong.
inline Lines problems_of(const std::string& text, const Environment& variables = signed_in()) {
  const auto outcome = emporia::settings::parse(text, "test.toml", variables);
  REQUIRE_FALSE(outcome.ok());
  return texts(outcome.error());
}

/// A folder of its own that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "settings-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file that only its owner can read.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    std::filesystem::permissions(path_ / name, std::filesystem::perms(0600));
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace settings_stories
