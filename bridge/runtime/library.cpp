#include "runtime/library.hpp"

#include <spdlog/version.h>

#include "runtime/text.hpp"

namespace emporia::runtime {

Libraries libraries() {
  return {{"spdlog", concat(SPDLOG_VER_MAJOR, ".", SPDLOG_VER_MINOR, ".", SPDLOG_VER_PATCH)}};
}

}  // namespace emporia::runtime
