#include "settings/libraries.hpp"

#include <toml++/toml.h>

#include "runtime/text.hpp"

namespace emporia::settings {

runtime::Libraries libraries() {
  return {{"toml++", runtime::concat(TOML_LIB_MAJOR, ".", TOML_LIB_MINOR, ".", TOML_LIB_PATCH)}};
}

}  // namespace emporia::settings
