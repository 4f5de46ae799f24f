#include "partner/reading.hpp"

namespace emporia::partner {

std::string bounded(const std::string& text) {
  if (text.size() <= kLongestText) return text;
  std::size_t end = kLongestText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::optional<model::DeviceId> usable_id(const std::string& text, Oddities& oddities) {
  if (!text.empty() && text.size() <= kLongestId) return model::DeviceId(text);
  oddities.note(Oddity::device_without_id, text.empty() ? "empty id" : "id of absurd length");
  return std::nullopt;
}

}  // namespace emporia::partner
