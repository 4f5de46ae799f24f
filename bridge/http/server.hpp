#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace emporia::http {

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
};

/// Makes the page of a path. Called on the server's threads, several at a time: it may touch only what any thread may.
using Page = std::function<Answer()>;

/// The address cannot be listened on; the text says why and what to do.
class CannotListen : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ServerOptions {
  /// An IPv4 or IPv6 address, without brackets.
  std::string address = "127.0.0.1";
  int port = 0;
  /// Requests must name this machine by an address or as localhost. A web page that a person on this machine looks at
  /// could otherwise read ours under a name of its own (DNS rebinding).
  bool local_names_only = true;
};

/// Serves pages, each by GET or HEAD of exactly its path, on threads of its own; whoever owns it does not notice. What
/// strangers can take is bounded: connections at a time, bytes of a request, the time to send one and to take the
/// answer. One request a connection. From the constructor's return until the destructor it listens.
class Server {
 public:
  /// Throws CannotListen.
  Server(const ServerOptions& options, std::map<std::string, Page> pages);
  /// Ends open connections; takes a fraction of a second at most.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  static constexpr std::size_t kConnections = 8;
  static constexpr std::size_t kRequestBytes = std::size_t{16} * 1024;

 private:
  class Running;
  std::unique_ptr<Running> running_;
};

}  // namespace emporia::http
