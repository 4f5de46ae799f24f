#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace emporia::fuzz {

/// Makes choices and texts of a fuzzer's input, from its beginning; when it is used up everything is 0 and empty.
class Bytes {
 public:
  explicit Bytes(std::string_view input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  /// Less than `limit`, which is 1 to 256.
  std::size_t below(std::size_t limit) { return byte() % limit; }
  bool flag() { return (byte() & 1U) != 0; }
  template <typename Number>
  Number number() {
    char raw[sizeof(Number)] = {};
    for (char& c : raw) c = static_cast<char>(byte());
    Number value;
    std::memcpy(&value, raw, sizeof value);
    return value;
  }
  /// Up to the next byte 0xFE, which is in no UTF-8; at most `longest` bytes.
  std::string text(std::size_t longest = 100'000) {
    const std::size_t end = std::min(rest_.find('\xFE'), rest_.size());
    std::string text(rest_.substr(0, std::min(end, longest)));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return text;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace emporia::fuzz
