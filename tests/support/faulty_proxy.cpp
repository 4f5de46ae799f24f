#include "support/faulty_proxy.hpp"

#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <list>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/wait.hpp"

namespace emporia::support {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostHeld = std::size_t{1} << 20;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A socket that has the port, 0 for any, and refuses whoever comes; less than 0 when it cannot be had.
int bound_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

int listen_on(std::uint16_t port) {
  constexpr int kBacklog = 64;
  const int fd = bound_to(port);
  if (fd >= 0 && ::listen(fd, kBacklog) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// Closes with a reset, as a killed program's system does when data was on its way.
void reset(int fd) {
  const linger hard{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd);
}

struct Piece {
  Clock::time_point due;
  std::string bytes;
};

/// One way through the proxy.
struct Way {
  int from = -1;
  int to = -1;
  std::deque<Piece> held;
  std::size_t held_bytes = 0;
  std::uint64_t passed = 0;
  bool ended = false;
};

struct Pair {
  Way up, down;
  bool begun_in_hole = false;
};

}  // namespace

class FaultyProxy::Loop {
 public:
  explicit Loop(FaultyProxy& proxy) : proxy_(proxy) {}
  ~Loop() { drop_all(); }

  void run() {
    while (take_plan()) turn();
  }

 private:
  bool take_plan() {
    const std::lock_guard lock(proxy_.mutex_);
    if (taken_ != proxy_.plans_) {
      for (Pair& pair : pairs_) pair.up.passed = pair.down.passed = 0;
    }
    if (plan_.mode == Mode::black_hole && proxy_.plan_.mode != Mode::black_hole) drop_given_up();
    plan_ = proxy_.plan_;
    taken_ = proxy_.plans_;
    if (plan_.mode == Mode::refuse) {
      drop_all();
      if (proxy_.listener_ >= 0) ::close(std::exchange(proxy_.listener_, -1));
    } else if (proxy_.listener_ < 0) {
      proxy_.listener_ = listen_on(proxy_.port_);
    }
    proxy_.plans_taken_ = taken_;
    return !proxy_.closing_;
  }

  void drop(Pair& pair) {
    reset(pair.up.from);
    reset(pair.up.to);
  }
  /// Who gave up a connection that never came through has sent nothing: a network that swallows everything had not even
  /// let it begin. One that still waits is let through, as the last of its attempts would be.
  void drop_given_up() {
    for (auto pair = pairs_.begin(); pair != pairs_.end();) {
      pollfd client{pair->up.from, POLLRDHUP, 0};
      const bool given_up = pair->begun_in_hole && ::poll(&client, 1, 0) > 0;
      if (given_up) drop(*pair);
      pair = given_up ? pairs_.erase(pair) : std::next(pair);
    }
  }
  void drop_all() {
    for (Pair& pair : pairs_) drop(pair);
    pairs_.clear();
  }

  void turn() {
    const bool hole = plan_.mode == Mode::black_hole;
    std::vector<pollfd> waiting = {{proxy_.wake_[0], POLLIN, 0}, {proxy_.listener_, POLLIN, 0}};
    const auto now = Clock::now();
    auto next = Clock::time_point::max();
    for (const Pair& pair : pairs_) {
      for (const Way* way : {&pair.up, &pair.down}) {
        const Way& back = way == &pair.up ? pair.down : pair.up;
        short events = 0;
        if (!hole && !way->ended && way->held_bytes < kMostHeld) events |= POLLIN;
        const bool waits = !hole && !back.held.empty();
        if (waits && back.held.front().due <= now) events |= POLLOUT;
        if (waits && back.held.front().due > now) next = std::min(next, back.held.front().due);
        waiting.push_back({events == 0 ? -1 : way->from, events, 0});
      }
    }
    int timeout = -1;
    if (next != Clock::time_point::max()) {
      timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(next - now).count());
    }
    if (::poll(waiting.data(), waiting.size(), timeout) < 0) return;
    if (waiting[0].revents != 0) {
      char bytes[64];
      static_cast<void>(::read(proxy_.wake_[0], bytes, sizeof bytes));
    }
    std::size_t at = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
      const bool alive = hole || (move(pair->up, waiting[at].revents) && move(pair->down, waiting[at + 1].revents));
      if (!alive) drop(*pair);
      pair = alive ? std::next(pair) : pairs_.erase(pair);
    }
    if (waiting[1].revents != 0) accept();
  }

  void accept() {
    const int client = ::accept4(proxy_.listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    ++proxy_.connections_;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(proxy_.to_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(server);
      return reset(client);
    }
    ::fcntl(server, F_SETFL, O_NONBLOCK);
    const int on = 1;
    for (const int fd : {client, server}) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Pair pair;
    pair.begun_in_hole = plan_.mode == Mode::black_hole;
    pair.up.from = pair.down.to = client;
    pair.up.to = pair.down.from = server;
    pairs_.push_back(std::move(pair));
  }

  /// False when the connection is over, in whatever way.
  bool move(Way& way, int events) {
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && !take(way)) return false;
    const auto now = Clock::now();
    while (!way.held.empty() && way.held.front().due <= now) {
      std::string& bytes = way.held.front().bytes;
      const ssize_t sent = ::send(way.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;
      way.held_bytes -= static_cast<std::size_t>(sent);
      if (static_cast<std::size_t>(sent) < bytes.size()) {
        bytes.erase(0, static_cast<std::size_t>(sent));
        break;
      }
      way.held.pop_front();
    }
    return !(way.ended && way.held.empty());
  }

  bool take(Way& way) {
    char bytes[16384];
    std::size_t most = sizeof bytes;
    if (plan_.mode == Mode::cut)
      most = std::min<std::size_t>(most, plan_.cut_after - std::min(plan_.cut_after, way.passed));
    if (most == 0) {
      ++proxy_.cuts_;
      return false;
    }
    const ssize_t got = ::recv(way.from, bytes, most, 0);
    if (got < 0) return errno == EAGAIN;
    if (got == 0) {
      way.ended = true;
      return true;
    }
    way.passed += static_cast<std::uint64_t>(got);
    way.held_bytes += static_cast<std::size_t>(got);
    way.held.push_back({Clock::now() + plan_.delay, std::string(bytes, static_cast<std::size_t>(got))});
    return true;
  }

  FaultyProxy& proxy_;
  Plan plan_;
  std::uint64_t taken_ = 0;
  std::list<Pair> pairs_;
};

FaultyProxy::FaultyProxy(std::uint16_t to) : to_(to), reserved_(bound_to(0)), port_(port_of(reserved_)) {
  listener_ = listen_on(port_);
  if (reserved_ < 0 || listener_ < 0 || ::pipe2(wake_, O_CLOEXEC) != 0)
    throw std::runtime_error("the proxy cannot listen");
  thread_ = std::thread([this] { Loop(*this).run(); });
}

FaultyProxy::~FaultyProxy() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  static_cast<void>(::write(wake_[1], "", 1));
  thread_.join();
  for (const int fd : {reserved_, listener_, wake_[0], wake_[1]}) {
    if (fd >= 0) ::close(fd);
  }
}

void FaultyProxy::set(const Plan& plan) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    plan_ = plan;
    number = ++plans_;
  }
  static_cast<void>(::write(wake_[1], "", 1));
  if (!eventually([&] { return plans_taken_ >= number; })) throw std::runtime_error("the proxy hangs");
}

}  // namespace emporia::support
