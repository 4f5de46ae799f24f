// What should stand at the broker, through any order of wishes, deliveries and broken links.
#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "fuzz/retained_history.hpp"

namespace emporia::fuzz {

std::string broken_law(std::string_view input) {
  Bytes bytes(input);
  mqtt::RetainedHistory history(
      [&](int sides) { return static_cast<int>(bytes.below(static_cast<std::size_t>(sides))); },
      [&] { return !bytes.empty(); });
  return history.broken_law();
}

}  // namespace emporia::fuzz
