#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/law.hpp"

// The name is libFuzzer's. What it is handed is a copy of exactly that size, so that a byte too far is seen.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string broken = emporia::fuzz::broken_law({reinterpret_cast<const char*>(data), size});
  if (broken.empty()) return 0;
  std::fprintf(stderr, "broken law: %s\n", broken.c_str());
  std::abort();
}
