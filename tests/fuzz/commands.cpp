// A message on a command topic, whatever is in it.
#include "fuzz/command_promises.hpp"
#include "fuzz/law.hpp"

namespace emporia::fuzz {

std::string broken_law(std::string_view input) {
  return commands::broken_promise(input);
}

}  // namespace emporia::fuzz
