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
      append(*flag ? "true" : "false");
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
      append("null");
    }
  }
  std::string take() {
    text_.resize(size_);
    return std::move(text_);
  }

 private:
  /// A place for so many more bytes; what was got before is no longer valid. To write straight into it takes a third of
  /// the time of appending letter by letter.
  char* room(std::size_t bytes) {
    constexpr std::size_t kAtFirst = 256;
    if (text_.size() - size_ < bytes) text_.resize(std::max(2 * text_.size(), size_ + bytes + kAtFirst));
    return text_.data() + size_;
  }
  void append(std::string_view text) { size_ += text.copy(room(text.size()), text.size()); }
  void append(char letter) {
    *room(1) = letter;
    ++size_;
  }

  void write(double number) {
    constexpr double kLeastPlain = 1e-3;
    constexpr double kLeastLong = 1e15;
    if (!std::isfinite(number)) return append("null");
    const double size = std::fabs(number);
    const bool plain = number == 0 ? !std::signbit(number) : size >= kLeastPlain && size < kLeastLong;
    if (!plain) return append(nlohmann::json(number).dump());
    if (write_micros(number)) return;
    const std::size_t begin = size_;
    write_number(number, std::chars_format::fixed);
    if (std::string_view(text_).substr(begin, size_ - begin).find('.') == std::string_view::npos) append(".0");
  }

  /// Energies and powers are rounded to six decimals at most, and to find the shortest text of a double takes ten times
  /// as long as to write an integer. Up to fifteen digits the two are the same: no other decimal number of as many
  /// digits is that double. False when the number is another one.
  bool write_micros(double number) {
    constexpr int kDecimals = 6;
    constexpr double kFactor = 1e6;
    constexpr double kBelow = 1e9;
    const double size = std::fabs(number);
    if (size >= kBelow) return false;
    const auto micros = static_cast<std::int64_t>(std::llround(size * kFactor));
    if (static_cast<double>(micros) / kFactor != size) return false;
    if (number < 0) append('-');
    write_number(micros / static_cast<std::int64_t>(kFactor));
    auto rest = micros % static_cast<std::int64_t>(kFactor);
    char decimals[1 + kDecimals] = {'.'};
    for (int i = kDecimals; i > 0; rest /= 10) decimals[i--] = static_cast<char>('0' + rest % 10);
    std::size_t length = std::size(decimals);
    while (length > 2 && decimals[length - 1] == '0') --length;
    append({decimals, length});
    return true;
  }

  template <typename Number, typename... Form>
  void write_number(Number number, Form... form) {
    constexpr std::size_t kMostDigits = 32;
    char* const begin = room(kMostDigits);
    size_ += static_cast<std::size_t>(std::to_chars(begin, begin + kMostDigits, number, form...).ptr - begin);
  }

  void write(const std::string& text) {
    char* const begin = room(text.size() + 2);
    char* end = begin;
    *end++ = '"';
    for (const char c : text) {
      const bool plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
      if (!plain) return append(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      *end++ = c;
    }
    *end++ = '"';
    size_ += static_cast<std::size_t>(end - begin);
  }

  void write(const Array& array) {
    char before = '[';
    for (const Value& item : array) {
      append(std::exchange(before, ','));
      write(item);
    }
    append(array.empty() ? "[]" : "]");
  }

  void write(const Object& object) {
    char before = '{';
    for (const auto& [key, member] : object) {
      append(std::exchange(before, ','));
      write(key);
      append(':');
      write(member);
    }
    append(object.empty() ? "{}" : "}");
  }

  /// Longer than what is written of it.
  std::string text_;
  std::size_t size_ = 0;
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
  constexpr double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  const bool known = decimals >= 0 && decimals < static_cast<int>(std::size(kPowers));
  const double factor = known ? kPowers[decimals] : std::pow(10.0, decimals);
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
