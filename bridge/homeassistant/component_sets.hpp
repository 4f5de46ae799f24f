#pragma once

#include <memory>
#include <string>

#include "homeassistant/discovery.hpp"

namespace emporia::homeassistant {

/// Discoveries as sets of components. They are shared and never changed, because what is announced and what is wanted
/// are one object most of the time; null is the empty set.
using Shared = std::shared_ptr<const Discovery>;

/// `base` with the components of `more` that it lacks and that are not in `except`; `base` itself when there are none.
Shared merged(const Shared& base, const Shared& more, const Discovery* except = nullptr);

/// The part of `discovery` that `wanted` lacks; null when there is none.
Shared left_out(const Shared& discovery, const Shared& wanted);

bool has(const Shared& discovery, const std::string& key);

}  // namespace emporia::homeassistant
