#include "mqtt/message.hpp"

namespace emporia::mqtt {

std::string topic_id(const std::string& device_id) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string level;
  for (const char c : device_id) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (plain) {
      level += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      level += '-';
      level += kHex[byte >> 4];
      level += kHex[byte & 0xF];
    }
  }
  return level;
}

}  // namespace emporia::mqtt
