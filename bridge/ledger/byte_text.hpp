#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "ledger/micro_wh.hpp"

namespace emporia::ledger {

// What the file holds in blobs: numbers of as many bytes as they need, seven bits a byte, the lowest first.

/// Beyond this channel no program of ours has written anything.
inline constexpr std::uint64_t kHighestChannel = 9999;

class ByteWriter {
 public:
  void number(std::uint64_t value) {
    constexpr std::size_t kMostBytes = 10;
    char bytes[kMostBytes];
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    bytes_.append(bytes, size);
  }
  /// Small ones of either sign take few bytes.
  void energy(MicroWh value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a ByteWriter has written, or finds that it is something else.
class ByteReader {
 public:
  /// The bytes stay the caller's.
  explicit ByteReader(const std::string& bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  /// 0 where there is none, and then the whole is not sound.
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    sound_ = false;
    return 0;
  }
  MicroWh energy() {
    const std::uint64_t value = number();
    return static_cast<MicroWh>(value >> 1) ^ -static_cast<MicroWh>(value & 1);
  }
  bool sound() const { return sound_; }
  bool at_end() const { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
  bool sound_ = true;
};

}  // namespace emporia::ledger
