#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace emporia::settings {

/// From 1; columns count characters, not bytes.
struct Position {
  int line = 1;
  int column = 1;
};

struct Value;
struct Member;
using List = std::vector<Value>;
using Table = std::vector<Member>;
/// A value that no option takes: a date or a time.
struct Moment {};

/// A TOML value and where it stands, free of the library's types.
struct Value {
  Position at;
  std::variant<std::string, std::int64_t, double, bool, Moment, List, Table> content;
};

struct Member {
  std::string key;
  Position key_at;
  Value value;
};

struct SyntaxError {
  Position at;
  /// Quotes nothing of the file but option names and single characters: a value may be a password.
  std::string text;
};

struct Document {
  Table root;
  /// Lines that are no TOML. They are left out of `root`, so that what follows them can still be checked; when reading
  /// cannot go on sensibly, `root` is empty.
  std::vector<SyntaxError> errors;
};

/// Reads TOML. Never throws for bad text.
Document read_document(std::string_view text);

/// "a string", "a whole number", ... for messages.
const char* type_name(const Value& value);

}  // namespace emporia::settings
