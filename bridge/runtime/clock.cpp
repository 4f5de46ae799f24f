#include "runtime/clock.hpp"

namespace emporia::runtime {

Now read_clock() {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

}  // namespace emporia::runtime
