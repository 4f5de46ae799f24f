#pragma once

#include <string>

#include "app/loop.hpp"

namespace emporia::app {

/// Of several bridges with one configuration: stands by until it holds the lease, works until it is lost or it is told
/// to stop, and stands by again. Every term has works of its own, of which nothing is left when it is over. Throws
/// CannotStart.
ExitCode stand_by_and_work(Surroundings& around, const std::string& directory);

}  // namespace emporia::app
