#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/result.hpp"
#include "settings/settings.hpp"

namespace emporia::settings {

/// One thing wrong with the configuration, in words that say what to do. Holds no secret.
struct Problem {
  /// As it was named by who loads it; empty where no file is to blame.
  std::string file;
  /// From 1, columns in characters; 0 where the file as a whole is meant.
  int line = 0;
  int column = 0;
  std::string text;
  friend bool operator==(const Problem&, const Problem&) = default;
};

/// "file:line:column: text", as compilers write it and editors understand it.
std::string to_text(const Problem& problem);

/// Looks up a variable of the environment: std::nullopt when it is not set. An empty function: none is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process. Safe on any thread as long as none changes it.
Environment process_environment();

struct Loaded {
  Settings settings;
  /// What is legal and yet hardly meant, by position.
  std::vector<Problem> warnings;
};

/// Reads the configuration. Either everything is right or all problems are handed back, by position. Reads files
/// (password, certificates) and blocks while it does: for the start of the program.
runtime::Result<Loaded, std::vector<Problem>> load(const std::filesystem::path& file, const Environment& environment);

/// The same for text already read; `file` is for the messages and relative paths start at its folder.
runtime::Result<Loaded, std::vector<Problem>> parse(std::string_view text, const std::string& file,
                                                    const Environment& environment);

}  // namespace emporia::settings
