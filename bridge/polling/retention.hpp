#pragma once

#include <chrono>
#include <optional>

#include "model/energy.hpp"

namespace emporia::polling {

/// How far back the service has buckets of this scale, by its own documentation; nothing: without limit.
constexpr std::optional<std::chrono::hours> kept_for(model::Scale scale) {
  switch (scale) {
    case model::Scale::minutes:
      return std::chrono::hours{7 * 24};
    case model::Scale::fifteen_minutes:
      return std::chrono::hours{365 * 24};
    case model::Scale::hours:
    case model::Scale::days:
    case model::Scale::weeks:
    case model::Scale::months:
    case model::Scale::years:
      break;
  }
  return std::nullopt;
}

}  // namespace emporia::polling
