#pragma once

namespace emporia::app {

/// What the process says to who started it. The numbers from 64 on are those of sysexits.h; a service manager should
/// not start the program again after `usage`, `sign_in_refused` and `configuration`, because nothing changes by itself.
enum class ExitCode : int {
  ok = 0,
  /// A fault of this program; for watch --once, no complete picture.
  internal = 1,
  /// Wrong arguments.
  usage = 2,
  /// For ledger --verify: the service tells other energy than is booked.
  different = 3,
  /// What was asked for is not legal, or the service refuses it.
  refused = 65,
  /// No such device or setting.
  unknown = 66,
  /// The service, the broker, the bridge or the device cannot be reached.
  unavailable = 69,
  /// The state directory or the ledger cannot be used.
  state_unusable = 73,
  /// The hour's calls are made, or no result came in time.
  try_later = 75,
  /// The service refused e-mail or password at the first sign-in.
  sign_in_refused = 77,
  /// The configuration is wrong.
  configuration = 78,
  /// Ctrl-C ended a command before it was done.
  interrupted = 130
};

}  // namespace emporia::app
