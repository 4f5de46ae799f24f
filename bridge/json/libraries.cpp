#include "json/libraries.hpp"

#include <nlohmann/json.hpp>

#include "runtime/text.hpp"

namespace emporia::json {

runtime::Libraries libraries() {
  return {{"JSON for Modern C++", runtime::concat(NLOHMANN_JSON_VERSION_MAJOR, ".", NLOHMANN_JSON_VERSION_MINOR, ".",
                                                  NLOHMANN_JSON_VERSION_PATCH)}};
}

}  // namespace emporia::json
