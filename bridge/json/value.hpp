#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/result.hpp"

namespace emporia::json {

class Value;
using Array = std::vector<Value>;
/// Members in the order in which they were added: what is published reads the same every time.
using Object = std::vector<std::pair<std::string, Value>>;

/// A JSON value. Numbers are integers or doubles; a double that is not finite is written as null, because JSON has no
/// word for it and null is what the contract says for unknown.
class Value {
 public:
  Value() : content_(nullptr) {}
  Value(std::nullptr_t) : content_(nullptr) {}
  Value(bool value) : content_(value) {}
  Value(std::int64_t value) : content_(value) {}
  Value(int value) : content_(std::int64_t{value}) {}
  Value(std::uint32_t value) : content_(std::int64_t{value}) {}
  Value(double value) : content_(value) {}
  Value(std::string value) : content_(std::move(value)) {}
  Value(std::string_view value) : content_(std::string(value)) {}
  Value(const char* value) : content_(std::string(value)) {}
  Value(Array value) : content_(std::move(value)) {}
  Value(Object value) : content_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(content_); }
  /// The content if it is of that type, else nullptr.
  const bool* as_bool() const { return std::get_if<bool>(&content_); }
  const std::int64_t* as_integer() const { return std::get_if<std::int64_t>(&content_); }
  const double* as_double() const { return std::get_if<double>(&content_); }
  const std::string* as_string() const { return std::get_if<std::string>(&content_); }
  const Array* as_array() const { return std::get_if<Array>(&content_); }
  const Object* as_object() const { return std::get_if<Object>(&content_); }
  Array* as_array() { return std::get_if<Array>(&content_); }
  Object* as_object() { return std::get_if<Object>(&content_); }

  /// The member of that name, or nullptr where there is none or this is no object.
  const Value* find(std::string_view key) const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> content_;
};

/// `value` rounded to that many decimals, so that its text is short ("1.402", not "1.4020000000000001").
double rounded(double value, int decimals);

/// One line without blanks. Bytes that are not UTF-8 are written as U+FFFD.
std::string to_text(const Value& value);

/// Bounds for text from strangers.
struct Limits {
  std::size_t bytes = std::size_t{64} * 1024;
  std::size_t depth = 8;
  /// Whether a repeated key keeps its last value; false refuses the text.
  bool repeated_keys = true;
};

/// Reads one JSON text. The error is a sentence for people.
runtime::Result<Value, std::string> parse(std::string_view text, Limits limits = {});

}  // namespace emporia::json
