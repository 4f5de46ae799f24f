#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "partner/error.hpp"
#include "partner/oddities.hpp"
#include "partner/request.hpp"
#include "runtime/result.hpp"

namespace emporia::partner {

/// Names one call on the wire.
using AttemptId = std::uint64_t;

struct Reply {
  AttemptId attempt = 0;
  runtime::Result<Answer, PartnerError> result;
  Oddities oddities;
};

/// Where replies are posted; called on a library's thread.
using ReplySink = std::function<void(Reply)>;

/// The way to the service: one attempt of one call, no memory, no retry. Only the loop's thread may call, and no call
/// blocks. Exactly one Reply follows each send(), in any order, at the latest when the call's deadline has passed.
class Gateway {
 public:
  virtual ~Gateway() = default;
  /// `token` is empty for SignIn alone.
  virtual void send(AttemptId attempt, const std::string& token, const Request& request) = 0;
};

}  // namespace emporia::partner
