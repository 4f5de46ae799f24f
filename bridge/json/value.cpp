#include "json/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/text.hpp"

namespace emporia::json {
namespace {

/// Writes a Value without making the library's own tree of it first, which took most of the time of a fleet's states.
/// What is not plain is left to the library: text with anything to escape or check, and numbers that want an exponent.
class Writer {
 public:
  void write(const Value& value) {
    if (const bool* flag = value.as_bool()) {
      text_ += *flag ? "true" : "false";
    } else if (const std::int64_t* integer = value.as_integer()) {
      write_number(*integer);
    } else if (const double* number = value.as_double()) {
      write(*number);
    } else if (const std::string* text = value.as_string()) {
      write(*text);
    } else if (const Array* array = value.as_array()) {
      write(*array);
    } else if (const Object* object = value.as_object()) {
      write(*object);
    } else {
      text_ += "null";
    }
  }
  std::string take() { return std::move(text_); }

 private:
  void write(double number) {
    constexpr double kLeastPlain = 1e-3;
    constexpr double kLeastLong = 1e15;
    if (!std::isfinite(number)) {
      text_ += "null";
      return;
    }
    const double size = std::fabs(number);
    const bool plain = number == 0 ? !std::signbit(number) : size >= kLeastPlain && size < kLeastLong;
    if (!plain) {
      text_ += nlohmann::json(number).dump();
      return;
    }
    const std::size_t begin = text_.size();
    write_number(number, std::chars_format::fixed);
    if (text_.find('.', begin) == std::string::npos) text_ += ".0";
  }

  template <typename Number, typename... Form>
  void write_number(Number number, Form... form) {
    char digits[32];
    const auto written = std::to_chars(std::begin(digits), std::end(digits), number, form...);
    text_.append(digits, written.ptr);
  }

  void write(const std::string& text) {
    const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
    if (std::all_of(text.begin(), text.end(), is_plain)) {
      text_.append(1, '"').append(text).append(1, '"');
    } else {
      text_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
  }

  void write(const Array& array) {
    char before = '[';
    for (const Value& item : array) {
      text_ += std::exchange(before, ',');
      write(item);
    }
    text_ += array.empty() ? "[]" : "]";
  }

  void write(const Object& object) {
    char before = '{';
    for (const auto& [key, member] : object) {
      text_ += std::exchange(before, ',');
      write(key);
      text_ += ':';
      write(member);
    }
    text_ += object.empty() ? "{}" : "}";
  }

  std::string text_;
};

/// Builds a Value while the library reads, so that nesting and size are bounded before memory is spent on them.
class Builder {
 public:
  explicit Builder(Limits limits) : limits_(limits) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) {
    constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return value <= kLargest ? put(static_cast<std::int64_t>(value)) : put(static_cast<double>(value));
  }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(std::vector<std::uint8_t>&) { return fail("binary data is not JSON"); }
  bool start_object(std::size_t) { return open(Object{}); }
  bool start_array(std::size_t) { return open(Array{}); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    open_.back().key = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    return fail(runtime::concat("not valid JSON at byte ", position));
  }

  const std::string& error() const { return error_; }
  Value& result() { return result_; }

 private:
  struct Level {
    Value value;
    std::string key;
  };

  bool fail(std::string reason) {
    error_ = std::move(reason);
    return false;
  }
  bool open(Value container) {
    if (open_.size() >= limits_.depth) {
      return fail(runtime::concat("nested deeper than ", limits_.depth, " levels"));
    }
    open_.push_back({std::move(container), {}});
    return true;
  }
  bool close() {
    Value closed = std::move(open_.back().value);
    open_.pop_back();
    return put(std::move(closed));
  }
  bool put(Value value) {
    if (open_.empty()) {
      result_ = std::move(value);
      return true;
    }
    Level& level = open_.back();
    if (Object* object = level.value.as_object()) {
      for (auto& [key, member] : *object) {
        if (key == level.key) {
          if (!limits_.repeated_keys) return fail("a key stands there twice");
          member = std::move(value);
          return true;
        }
      }
      object->emplace_back(std::move(level.key), std::move(value));
    } else {
      array_of(level).push_back(std::move(value));
    }
    return true;
  }
  static Array& array_of(Level& level) { return *level.value.as_array(); }

  Limits limits_;
  std::vector<Level> open_;
  Value result_;
  std::string error_;
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  const Object* object = as_object();
  if (object == nullptr) return nullptr;
  for (const auto& [name, member] : *object) {
    if (name == key) return &member;
  }
  return nullptr;
}

double rounded(double value, int decimals) {
  const double factor = std::pow(10.0, decimals);
  const double result = std::round(value * factor) / factor;
  if (!std::isfinite(result)) return value;  // so large that it has no decimals
  return result == 0.0 ? 0.0 : result;       // -0.0 would be written with its sign
}

std::string to_text(const Value& value) {
  Writer writer;
  writer.write(value);
  return writer.take();
}

runtime::Result<Value, std::string> parse(std::string_view text, Limits limits) {
  if (text.size() > limits.bytes) {
    return runtime::Failure{runtime::concat(text.size(), " bytes, at most ", limits.bytes, " are read")};
  }
  // The library takes a zero byte for the end and would not look at what follows.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    return runtime::Failure{runtime::concat("not valid JSON at byte ", zero + 1)};
  }
  Builder builder(limits);
  if (!nlohmann::json::sax_parse(text, &builder)) return runtime::Failure{builder.error()};
  return std::move(builder.result());
}

}  // namespace emporia::json
