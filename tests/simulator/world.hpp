#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "simulator/access.hpp"
#include "simulator/house.hpp"

namespace simulator {

/// gRPC's status numbers.
enum class Code {
  ok = 0,
  invalid_argument = 3,
  not_found = 5,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  unauthenticated = 16
};
struct Outcome {
  int code = 0;
  std::string text;
  Outcome() = default;
  Outcome(Code which, std::string why) : code(static_cast<int>(which)), text(std::move(why)) {}
  bool ok() const { return code == 0; }
};
/// "RESOURCE_EXHAUSTED" and back; an unknown number is written as itself, an unknown name is -1.
std::string code_name(int code);
int code_number(std::string_view name);

constexpr std::array<std::string_view, 10> kRpcs = {
    "Authenticate",  "GetDevices",     "GetUsageData",     "ListUtilityConnects", "ListOutlets",
    "UpdateOutlets", "ListEVChargers", "UpdateEVChargers", "ListBatteries",       "UpdateBatteries"};

/// What the next calls are to suffer. Keys are rpc names or "*".
struct Faults {
  struct Failure {
    int code = 0;
    int count = 0;
    std::string text;
    /// The call does what it asks before it fails: a lost reply.
    bool carried_out = false;
  };
  std::map<std::string, Failure, std::less<>> failures;
  std::map<std::string, int, std::less<>> delays_ms;
  bool frozen = false;
  bool large = false;
  /// Kind to how many replies it still spoils.
  std::map<std::string, int, std::less<>> garbage;
  double revise_pct = 0;
};

/// What has been called, for tests to read.
struct Journal {
  struct Call {
    Seconds at = 0;
    std::string rpc;
    int code = 0;
    /// JSON of what the request asked, without the token or the password.
    std::string request;
  };
  std::map<std::string, std::map<std::string, std::uint64_t>> by_rpc;
  std::uint64_t total = 0;
  /// The newest calls, at most 200.
  std::deque<Call> last;
  /// The newest Update calls, at most 1000.
  std::deque<Call> updates;
  void note(Call call, bool update);
};

struct WorldOptions {
  std::uint64_t seed = 1;
  unsigned quota = 100;
  Seconds token_lifetime = 3600;
  Seconds start = 0;
  double time_scale = 1;
};

/// Everything that changes. Whoever touches it holds the mutex.
class World {
 public:
  World(const Home& home, const WorldOptions& options);
  /// Moves the house on to now and returns it.
  Seconds advance();

  std::mutex mutex;
  /// Told when a fault or `stopping` changes: calls held back wait on it.
  std::condition_variable changed;
  Clock clock;
  Access access;
  Behaviour behaviour;
  Faults faults;
  Journal journal;
  House house;
  bool stopping = false;
};

}  // namespace simulator
