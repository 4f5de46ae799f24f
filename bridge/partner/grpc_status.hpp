#pragma once

#include <grpcpp/support/status.h>
#include <string>

#include "partner/error.hpp"

namespace emporia::partner {

/// Names a failed call by what to do next. `secret` is what must not be repeated in the text (the token or password of
/// the call), `signing_in` tells a refused password from a token that aged out.
PartnerError error_from(const grpc::Status& status, const std::string& secret, bool signing_in);

}  // namespace emporia::partner
