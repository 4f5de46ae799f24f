#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "recorder/socket.hpp"
#include "runtime/clock.hpp"

namespace emporia::recorder {

/// Home Assistant's version as far as it decides what it takes: 2026.4 in "2026.4.1" and "2026.4.0b2".
struct Version {
  int year = 0;
  int month = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};
Version read_version(const std::string& text);

/// The answer to a command.
struct Reply {
  std::int64_t id = 0;
  bool ok = false;
  /// What came of it; of a failure the reason, for people.
  json::Value result;
  std::string code;
  std::string error;
};

/// Talks to Home Assistant's WebSocket API: signs in with a token, gives commands their numbers and finds their
/// answers. It neither connects again nor asks again; that is for those who need the answers. Belongs to the loop's
/// thread.
class Conversation {
 public:
  enum class State {
    closed,
    opening,
    /// Commands may be given.
    ready,
    /// Nothing will come of it; trouble() tells why. Ends with the next open().
    failed
  };

  Conversation(Socket& socket, std::string token) : socket_(socket), token_(std::move(token)) {}

  void open(runtime::Now now);
  void close();
  void on_event(const SocketEvent& event, runtime::Now now);
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const;

  /// Sends the command, an object with its "type"; returns its number. Only while ready.
  std::int64_t ask(json::Object command, runtime::Now now);
  /// The answers so far, in the order in which they came.
  std::vector<Reply> take_replies();

  State state() const { return state_; }
  /// The token was refused: trying again soon will not help.
  bool refused() const { return refused_; }
  const std::string& trouble() const { return trouble_; }
  /// As Home Assistant says it, "2026.4.1"; empty before the first handshake.
  const std::string& version() const { return version_; }

 private:
  void on_text(const std::string& text, runtime::Now now);
  void on_result(const json::Value& message);
  void fail(std::string why);

  Socket& socket_;
  std::string token_;
  State state_ = State::closed;
  std::uint64_t connection_ = 0;
  std::int64_t last_id_ = 0;
  /// Until when each command has to be answered.
  std::map<std::int64_t, runtime::SteadyTime> open_;
  runtime::SteadyTime ready_by_ = runtime::kNever;
  std::vector<Reply> replies_;
  std::string trouble_;
  std::string version_;
  bool refused_ = false;
};

}  // namespace emporia::recorder
