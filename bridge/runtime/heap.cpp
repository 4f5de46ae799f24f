#include "runtime/heap.hpp"

#include <malloc.h>

namespace emporia::runtime {

void give_back_memory() {
  ::malloc_trim(0);
}

}  // namespace emporia::runtime
