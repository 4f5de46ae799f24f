#pragma once

#include <string>
#include <string_view>

#include "simulator/world.hpp"

namespace simulator {

/// Carries out one command; the answer is one line, "ok", "ok ..." or "error ...". Takes the world's mutex.
std::string carry_out(World& world, std::string_view line);

}  // namespace simulator
