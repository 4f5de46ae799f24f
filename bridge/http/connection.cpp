#include "http/connection.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace emporia::http {
namespace {

// How late a stop may be noticed.
constexpr std::chrono::milliseconds kLookUpEvery{100};

runtime::SteadyTime clock_now() {
  return runtime::read_clock().steady;
}

}  // namespace

Connection::Connection(socket_t socket, std::size_t request_bytes, const std::atomic<bool>& stopping)
    : socket_(socket), bytes_left_(request_bytes), stopping_(stopping), ask_until_(clock_now() + kTimeToAsk) {}

Connection::~Connection() {
  drain();
  ::close(socket_);
}

bool Connection::wait_for(short events, runtime::SteadyTime deadline) const {
  for (auto now = clock_now(); now < deadline && !stopping_; now = clock_now()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
    pollfd waiting{socket_, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min(left, kLookUpEvery).count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (begin_ == end_) {
    if (bytes_left_ == 0 || !wait_for(POLLIN, ask_until_)) return -1;
    const ssize_t got = ::recv(socket_, buffer_.data(), std::min(buffer_.size(), bytes_left_), MSG_DONTWAIT);
    if (got <= 0) return got;
    bytes_left_ -= static_cast<std::size_t>(got);
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  const std::size_t count = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* from, std::size_t size) {
  if (take_until_ == runtime::kNever) take_until_ = clock_now() + kTimeToTake;
  if (!wait_for(POLLOUT, take_until_)) return -1;
  return ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Closing while something unread waits would reset the connection, and the client would lose the answer.
void Connection::drain() {
  ::shutdown(socket_, SHUT_WR);
  const auto until = clock_now() + kTimeToLeave;
  for (int rounds = 0; rounds < 64 && wait_for(POLLIN, until); ++rounds) {
    if (::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT) <= 0) return;
  }
}

}  // namespace emporia::http
