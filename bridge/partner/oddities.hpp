#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace emporia::partner {

/// What a reply can get wrong without being useless: the odd part is left out, the rest is kept.
enum class Oddity : std::size_t {
  device_without_id,
  device_twice,
  device_not_asked_for,
  unknown_model,
  bad_circuit,
  wrong_scale,
  bad_bucket,
  bad_channel,
  unequal_lengths,
  impossible_value,
  missing_settings
};
inline constexpr std::size_t kOddityCount = 11;
const char* word(Oddity oddity);

/// What was odd in one reply: how often each kind, and the first case of it for the log.
class Oddities {
 public:
  void note(Oddity oddity, const std::string& where) {
    const auto index = static_cast<std::size_t>(oddity);
    if (counts_[index]++ == 0) examples_[index] = where;
  }
  std::uint64_t count(Oddity oddity) const { return counts_[static_cast<std::size_t>(oddity)]; }
  const std::string& example(Oddity oddity) const { return examples_[static_cast<std::size_t>(oddity)]; }

 private:
  std::array<std::uint64_t, kOddityCount> counts_{};
  std::array<std::string, kOddityCount> examples_;
};

}  // namespace emporia::partner
