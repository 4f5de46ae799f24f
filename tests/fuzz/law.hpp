#pragma once

#include <string>
#include <string_view>

namespace emporia::fuzz {

/// Which law the program breaks on this input, in a sentence; empty: none. Every fuzzer defines it, and it is all that
/// a fuzzer is: the engine and the replay of a corpus call it. One thread, no state between calls.
std::string broken_law(std::string_view input);

}  // namespace emporia::fuzz
