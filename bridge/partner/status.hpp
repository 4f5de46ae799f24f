#pragma once

#include <optional>
#include <string>

#include "runtime/clock.hpp"

namespace emporia::partner {

/// The words of bridge/health: what came of the last attempt; `signing_in` until there is one.
enum class PartnerState { signing_in, ok, auth_refused, unreachable, throttled };
const char* word(PartnerState state);

struct PartnerStatus {
  PartnerState state = PartnerState::signing_in;
  runtime::SystemTime since;
  std::optional<runtime::SystemTime> last_success;
  /// The newest failure, also after it is over; empty if there was none.
  std::string last_error;
  /// A sign-in has succeeded since the start.
  bool ever_signed_in = false;
  /// The newest attempt failed because the service's certificate is not trusted, or no TLS comes about for another
  /// reason.
  bool untrusted = false;
};

}  // namespace emporia::partner
