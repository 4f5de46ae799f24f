#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>

namespace emporia::support {

/// A TCP proxy of one thread between a client and a server on 127.0.0.1 that does to the connections what networks do.
/// Any thread may call.
class FaultyProxy {
 public:
  /// Listens when this returns; throws when it cannot.
  explicit FaultyProxy(std::uint16_t to);
  ~FaultyProxy();
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;

  std::uint16_t port() const { return port_; }

  /// Everything goes through at once; what was held back follows.
  void forward() { set({}); }
  /// Each piece comes so much later.
  void delay(std::chrono::milliseconds by) { set({Mode::forward, by, 0}); }
  /// Connections are taken and stay, and nothing goes through in either direction.
  void black_hole() { set({Mode::black_hole, {}, 0}); }
  /// Each connection, old or new, is cut hard after so many further bytes to the server, or at once to the client's
  /// side when the server has sent as many.
  void cut_after(std::uint64_t bytes) { set({Mode::cut, {}, bytes}); }
  /// Nobody listens any more, and the connections there are are reset: what a killed server looks like.
  void refuse() { set({Mode::refuse, {}, 0}); }

  /// Connections that clients have made so far.
  std::uint64_t connections() const { return connections_; }
  /// Connections that were cut because of cut_after().
  std::uint64_t cuts() const { return cuts_; }

 private:
  enum class Mode { forward, black_hole, cut, refuse };
  struct Plan {
    Mode mode = Mode::forward;
    std::chrono::milliseconds delay{};
    std::uint64_t cut_after = 0;
  };
  class Loop;

  void set(const Plan& plan);

  const std::uint16_t to_;
  /// Has the port without listening, so that nobody else gets it while nobody is to listen there.
  const int reserved_;
  const std::uint16_t port_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::mutex mutex_;
  Plan plan_;
  bool closing_ = false;
  /// How often a plan has been set, and how many of these the thread has taken over.
  std::uint64_t plans_ = 0;
  std::atomic<std::uint64_t> plans_taken_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<std::uint64_t> cuts_ = 0;
  std::thread thread_;
};

}  // namespace emporia::support
