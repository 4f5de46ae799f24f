#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/home.hpp"

namespace simulator {

struct Options {
  Home home;
  /// 0 picks a free one.
  std::uint16_t port = 0;
  /// Of the line protocol; 0 picks a free one.
  std::uint16_t control_port = 0;
  /// Where ca.pem, server.pem and server-key.pem go; empty: a temporary directory that is removed at the end.
  std::string certificate_dir;
  /// An own certificate and key instead.
  std::string certificate, key;
  bool plaintext = false;
  std::uint64_t seed = 1;
  /// Calls in a rolling hour; 0: no limit.
  unsigned quota = 100;
  Seconds token_lifetime = 3600;
  /// Virtual time at the start; default the system's.
  std::optional<Seconds> start_time;
  Seconds time_offset = 0;
  /// Virtual seconds in a real one; 0: time moves by `advance` alone.
  double time_scale = 1;
};

/// A running Partner API on loopback, from construction to destruction. Any thread may call.
class Simulator {
 public:
  /// Throws std::runtime_error with what to do about it.
  explicit Simulator(const Options& options);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  std::uint16_t port() const;
  std::uint16_t control_port() const;
  /// "localhost:PORT"
  std::string endpoint() const;
  /// What a client must trust; empty when plaintext.
  std::string ca_file() const;
  /// One line of the control protocol and its answer, "ok ..." or "error ..."; `help` lists the commands.
  std::string command(std::string_view line);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace simulator
