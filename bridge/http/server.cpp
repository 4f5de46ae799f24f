#include "http/server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <thread>
#include <utility>

#include "http/connection.hpp"
#include "runtime/mutex.hpp"
#include "runtime/text.hpp"

namespace emporia::http {
namespace {

constexpr const char* kPlain = "text/plain; charset=utf-8";

/// Takes a connection when one of its threads is free. Until then the next ones wait at the operating system, which
/// keeps a handful and turns others away, so that strangers cannot use up the program's file descriptors.
class Lanes final : public httplib::TaskQueue {
 public:
  /// Nothing in Debian 12's version of the library, whether the task was taken in Debian 13's.
  using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));

  explicit Lanes(std::size_t count) : free_(count), threads_(count) {}
  Enqueued enqueue(std::function<void()> task) override {
    {
      runtime::Lock lock(mutex_);
      while (free_ == 0) freed_.wait(lock);
      --free_;
    }
    threads_.enqueue([this, run = std::move(task)] {
      run();
      const runtime::Lock lock(mutex_);
      ++free_;
      freed_.notify_one();
    });
    return static_cast<Enqueued>(true);
  }
  void shutdown() override { threads_.shutdown(); }

 private:
  runtime::Mutex mutex_;
  runtime::Condition freed_;
  std::size_t free_ E2M_GUARDED_BY(mutex_);
  httplib::ThreadPool threads_;
};

/// "localhost", or an address; with or without a port.
bool is_local_name(std::string host) {
  if (!host.empty() && host.front() == '[') {
    const auto end = host.find(']');
    if (end == std::string::npos) return false;
    in6_addr v6{};
    return ::inet_pton(AF_INET6, host.substr(1, end - 1).c_str(), &v6) == 1;
  }
  host = host.substr(0, host.find(':'));
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  in_addr v4{};
  return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), &v4) == 1;
}

void plain(httplib::Response& response, int status, const std::string& text) {
  response.status = status;
  response.set_content(text + "\n", kPlain);
}

}  // namespace

class Server::Running final : public httplib::Server {
 public:
  Running(const ServerOptions& options, std::map<std::string, Page> pages)
      : pages_(std::move(pages)), local_names_only_(options.local_names_only) {
    new_task_queue = [] { return new Lanes(kConnections); };
    set_socket_options([](socket_t socket) {
      // Not SO_REUSEPORT, the library's choice: with it a second bridge would take half of the requests, unnoticed.
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      serve(request, response);
      return HandlerResponse::Handled;
    });
    errno = 0;
    if (!bind_to_port(options.address, options.port)) {
      const int why = errno;
      throw CannotListen(runtime::concat(
          "cannot listen for HTTP on ", options.address, " port ", options.port, " (",
          why == 0 ? "the address is not usable" : std::strerror(why),
          why == EADDRINUSE ? "): another program, or another bridge, has this port; set [http] listen to a free one"
                            : "): set [http] listen to an address of this machine and a port of 1024 or more"));
    }
    listener_ = std::thread([this] {
      listen_after_bind();
      ended_ = true;
    });
    // stop() is lost on a server that has not begun.
    while (!is_running() && !ended_) std::this_thread::yield();
  }
  ~Running() override {
    stopping_ = true;
    stop();
    listener_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  bool process_and_close_socket(socket_t socket) override {
    Connection connection(socket, kRequestBytes, stopping_);
    return process(connection);
  }

  /// A template, so that of the two only the call is looked at that the library's version has.
  template <typename Stream>
  bool process(Stream& stream) {
    bool closed = false;
    if constexpr (requires { this->process_request(stream, true, closed, nullptr); }) {
      return this->process_request(stream, true, closed, nullptr);  // 0.11, Debian 12
    } else {
      return this->process_request(stream, {}, 0, {}, 0, true, closed,
                                   nullptr);  // 0.18, Debian 13
    }
  }

  void serve(const httplib::Request& request, httplib::Response& response) const {
    response.set_header("Cache-Control", "no-store");
    response.set_header("X-Content-Type-Options", "nosniff");
    // A browser always names a host; simple health checkers do not.
    if (local_names_only_ && request.has_header("Host") && !is_local_name(request.get_header_value("Host"))) {
      return plain(response, 403,
                   "Ask for localhost or 127.0.0.1: other names are answered only where [http] listen "
                   "is not a loopback address.");
    }
    const auto page = pages_.find(request.path);
    if (page == pages_.end()) return plain(response, 404, runtime::concat("There is ", listed(), "."));
    if (request.method != "GET" && request.method != "HEAD") {
      response.set_header("Allow", "GET, HEAD");
      return plain(response, 405, "This can only be read: use GET.");
    }
    const Answer answer = page->second();
    // Of a right answer the library decides whether it is whole or a part that was asked for.
    if (answer.status != 200) response.status = answer.status;
    response.set_content(answer.body, answer.content_type);
  }

  std::string listed() const {
    std::string text;
    for (const auto& page : pages_) text += (text.empty() ? "" : " and ") + page.first;
    return text;
  }

  const std::map<std::string, Page> pages_;
  const bool local_names_only_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};
  std::thread listener_;
};

Server::Server(const ServerOptions& options, std::map<std::string, Page> pages)
    : running_(std::make_unique<Running>(options, std::move(pages))) {}
Server::~Server() = default;

}  // namespace emporia::http
