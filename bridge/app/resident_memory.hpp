#pragma once

#include <cstdint>
#include <optional>

namespace emporia::app {

/// Resident memory of this process, bytes; nothing where /proc does not tell.
std::optional<std::int64_t> resident_memory_bytes();

}  // namespace emporia::app
