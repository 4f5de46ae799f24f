#include "homeassistant/names.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "runtime/text.hpp"

namespace emporia::homeassistant {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Character {
  /// 0xFFFD for a byte that begins no valid sequence.
  std::uint32_t code = 0xFFFD;
  std::size_t length = 1;
};

/// The first character of `text`, which is not empty. Overlong forms, surrogates and codes past U+10FFFF are invalid.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t index) -> std::uint32_t { return static_cast<unsigned char>(text[index]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t index = 1; index < length; ++index) {
    if ((byte(index) & 0xC0U) != 0x80U) return {};
    code = (code << 6) | (byte(index) & 0x3FU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t Size>
bool in(const Range (&ranges)[Size], std::uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [code](const Range& range) { return code >= range.first && code <= range.last; });
}

/// Control characters part words as a line break does; Unicode has more blanks than ASCII.
constexpr Range kBlanks[] = {{0x00, 0x20},     {0x7F, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                             {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
/// Marks without a width and those that turn the direction of all text that follows.
constexpr Range kInvisible[] = {{0xAD, 0xAD},     {0x180E, 0x180E},   {0x200B, 0x200F}, {0x202A, 0x202E},
                                {0x2060, 0x206F}, {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF},
                                {0xFDD0, 0xFDEF}, {0xE0000, 0xE0FFF}, {0x115F, 0x1160}, {0x3164, 0x3164}};

/// Enough to tell names apart that a person would take for the same; other alphabets keep their case.
std::string folded(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string end_of_id(const std::string& id) {
  constexpr std::size_t kShown = 4;
  const std::string text = clean_name(id);
  std::size_t start = text.size() > kShown ? text.size() - kShown : 0;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) --start;
  return text.substr(start);
}

}  // namespace

std::string clean_name(std::string_view text) {
  std::string clean;
  std::size_t characters = 0;
  bool blank_before = false;
  while (!text.empty() && characters < kNameCharacters) {
    const Character character = first_character(text);
    const std::string_view bytes = text.substr(0, character.length);
    text.remove_prefix(character.length);
    if (in(kBlanks, character.code)) {
      blank_before = true;
      continue;
    }
    if (in(kInvisible, character.code)) continue;
    if (std::exchange(blank_before, false) && !clean.empty()) {
      clean += ' ';
      if (++characters == kNameCharacters) break;
    }
    clean += character.code == 0xFFFD ? kReplacement : bytes;
    ++characters;
  }
  if (!clean.empty() && clean.back() == ' ') clean.pop_back();
  return clean;
}

std::string device_label(const model::Device& device, const std::optional<std::string>& override_name) {
  if (std::string name = clean_name(override_name.value_or("")); !name.empty()) return name;
  if (std::string name = clean_name(device.name); !name.empty()) return name;
  const std::string end = end_of_id(device.id.text());
  return runtime::concat(product_name(device.model), end.empty() ? "" : " ", end);
}

std::string without_device_name(const std::string& name, const std::string& device_name) {
  std::string rest = name;
  const std::string prefix = folded(device_name);
  while (!prefix.empty() && folded(rest.substr(0, prefix.size())) == prefix &&
         (rest.size() == prefix.size() || rest[prefix.size()] == ' ')) {
    rest.erase(0, std::min(rest.size(), prefix.size() + 1));
  }
  return rest;
}

std::map<model::Channel, std::string> circuit_labels(const std::vector<model::Circuit>& circuits,
                                                     model::DeviceModel device_model, const std::string& device_name) {
  const auto number = [device_model](model::Channel channel) { return printed_number(device_model, channel); };
  std::map<model::Channel, std::string> labels;
  for (const model::Circuit& circuit : circuits) {
    std::string label = without_device_name(clean_name(circuit.name), device_name);
    // A battery's circuits are not the customer's to name: the service tells what each measures.
    if (label.empty() && circuit.type == model::CircuitType::battery) {
      label = without_device_name(clean_name(circuit.sub_type), device_name);
    }
    if (label.empty()) label = runtime::concat("Circuit ", number(circuit.channel));
    labels[circuit.channel] = std::move(label);
  }
  // A number makes a name differ from the others of its group, but perhaps equal to one that held the number already;
  // each round parts those, and one round more than there are circuits is never needed.
  for (std::size_t round = 0; round <= labels.size(); ++round) {
    std::map<std::string, std::vector<model::Channel>> groups;
    for (const auto& [channel, label] : labels) groups[folded(label)].push_back(channel);
    bool clash = false;
    for (const auto& [text, channels] : groups) {
      if (channels.size() < 2) continue;
      clash = true;
      for (const model::Channel channel : channels) {
        labels[channel] += runtime::concat(" (circuit ", number(channel), ")");
      }
    }
    if (!clash) break;
  }
  return labels;
}

std::map<model::Channel, std::string> circuit_labels(const model::Device& device,
                                                     const std::vector<model::Circuit>& circuits) {
  return circuit_labels(circuits, device.model, device_label(device, std::nullopt));
}

}  // namespace emporia::homeassistant
