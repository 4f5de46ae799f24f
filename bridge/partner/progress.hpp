#pragma once

namespace emporia::partner {

/// How far a request has come that may go out in parts.
struct Progress {
  unsigned parts_left = 1;
  unsigned under_way = 0;
  /// A part of it is over, with an answer or without.
  bool begun = false;
  bool answered = false;
  /// Parts refused, and how many may be while none was answered.
  unsigned refused = 0;
  unsigned refusals_allowed = 0;
};

}  // namespace emporia::partner
