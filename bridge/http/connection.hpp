#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <httplib.h>

#include "runtime/clock.hpp"

namespace emporia::http {

/// One client's connection for the library to read from and write to. The library limits the pause between two bytes;
/// this one limits the whole, so that nobody holds a connection by sending a byte now and then, or without end.
class Connection final : public httplib::Stream {
 public:
  /// Owns the socket. Every wait ends soon after `stopping` becomes true.
  Connection(socket_t socket, std::size_t request_bytes, const std::atomic<bool>& stopping);
  /// Lets the client read what was written to it, even when it sent more than was read.
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static constexpr std::chrono::seconds kTimeToAsk{3};
  static constexpr std::chrono::seconds kTimeToTake{10};
  static constexpr std::chrono::seconds kTimeToLeave{1};

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  bool wait_for(short events, runtime::SteadyTime deadline) const;
  void drain();

  socket_t socket_;
  std::size_t bytes_left_;
  const std::atomic<bool>& stopping_;
  runtime::SteadyTime ask_until_;
  /// From the first byte of the answer on.
  runtime::SteadyTime take_until_ = runtime::kNever;
  std::array<char, 4096> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace emporia::http
