#include "runtime/core_dumps.hpp"

#include <sys/prctl.h>

#if defined(__SANITIZE_ADDRESS__)
#define EMPORIA_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EMPORIA_SANITIZED
#endif
#endif

namespace emporia::runtime {

bool keep_memory_private() {
#ifdef EMPORIA_SANITIZED
  return false;
#else
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#endif
}

}  // namespace emporia::runtime
