#include <cstddef>
#include <optional>

#include "mqtt/message.hpp"

namespace emporia::mqtt {
namespace {

/// Takes the first character off the text; nothing when it does not begin with well-formed UTF-8.
std::optional<char32_t> take_character(std::string_view& text) {
  struct Form {
    unsigned char mask, lead;
    std::size_t length;
    char32_t smallest;
  };
  constexpr Form kForms[] = {{0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}};
  const auto lead = static_cast<unsigned char>(text.front());
  // Nearly every character is one of these, and each message of a fleet has a topic.
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  for (const Form& form : kForms) {
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() < form.length) return std::nullopt;
    char32_t character = lead & static_cast<unsigned char>(~form.mask);
    for (std::size_t i = 1; i < form.length; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if ((byte & 0xC0) != 0x80) return std::nullopt;
      character = (character << 6) | (byte & 0x3F);
    }
    text.remove_prefix(form.length);
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < form.smallest || character > 0x10FFFF || surrogate) return std::nullopt;
    return character;
  }
  return std::nullopt;
}

constexpr std::string_view kGroupLevels = "group--";

bool allowed_in_topic(char32_t character) {
  if (character < 0x20 || (character >= 0x7F && character <= 0x9F)) return false;
  if (character == U'+' || character == U'#') return false;
  const bool non_character = (character >= 0xFDD0 && character <= 0xFDEF) || (character & 0xFFFE) == 0xFFFE;
  return !non_character;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (!take_character(text)) return false;
  }
  return true;
}

bool legal_topic(std::string_view topic) {
  constexpr std::size_t kLongest = 65535;
  if (topic.empty() || topic.size() > kLongest) return false;
  while (!topic.empty()) {
    const auto character = take_character(topic);
    if (!character || !allowed_in_topic(*character)) return false;
  }
  return true;
}

bool is_group_level(std::string_view level) {
  return level.substr(0, kGroupLevels.size()) == kGroupLevels;
}

std::string topic_id(const std::string& device_id) {
  constexpr char kHex[] = "0123456789abcdef";
  const bool is_ours = device_id == "bridge";
  const bool is_group = device_id.compare(0, kGroupIds.size(), kGroupIds) == 0;
  std::string level(is_group ? kGroupLevels : "");
  for (const char c : is_group ? device_id.substr(kGroupIds.size()) : device_id) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (is_group && c == '-');
    if (plain && !(is_ours && level.empty())) {
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
