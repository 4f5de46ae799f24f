#pragma once

namespace emporia::app {

/// What the process says to who started it. The numbers from 64 on are those of sysexits.h; a service manager should
/// not start the program again after `configuration`, `sign_in_refused` and `usage`, because nothing changes by itself.
enum class ExitCode : int {
  ok = 0,
  /// A fault of this program; for watch --once, no complete picture.
  internal = 1,
  /// Wrong arguments.
  usage = 2,
  /// The state directory or the ledger cannot be used.
  state_unusable = 73,
  /// The service refused e-mail or password at the first sign-in.
  sign_in_refused = 77,
  /// The configuration is wrong.
  configuration = 78
};

}  // namespace emporia::app
