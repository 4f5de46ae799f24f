// The real WebSocket against the library that Home Assistant listens with.
#include "recorder/websocket.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include "recorder/conversation.hpp"
#include "runtime/inbox.hpp"
#include "support/home_assistant.hpp"

using namespace emporia;
using namespace emporia::recorder;
using namespace std::chrono_literals;
using support::HomeAssistant;
using State = Conversation::State;

namespace {

/// A conversation with its loop.
class Talk {
 public:
  explicit Talk(WebSocketOptions options, const std::string& token = HomeAssistant::kToken)
      : socket_(std::move(options), [this](SocketEvent event) { inbox_.post(std::move(event)); }),
        conversation(socket_, token) {}

  /// Until there is an answer, or it has failed.
  std::optional<Reply> ask(json::Object command) {
    conversation.ask(std::move(command), runtime::read_clock());
    turn_until([this] { return !replies_.empty() || conversation.state() == State::failed; });
    if (replies_.empty()) return std::nullopt;
    Reply reply = std::move(replies_.front());
    replies_.erase(replies_.begin());
    return reply;
  }
  State open() {
    conversation.open(runtime::read_clock());
    turn_until([this] { return conversation.state() != State::opening; });
    return conversation.state();
  }
  void turn_until(const std::function<bool()>& done) {
    const auto limit = runtime::read_clock().steady + support::kPatience + 20s;
    while (!done() && runtime::read_clock().steady < limit) {
      for (SocketEvent& event : inbox_.take_until(runtime::read_clock().steady + 100ms)) {
        conversation.on_event(event, runtime::read_clock());
      }
      for (Reply& reply : conversation.take_replies()) replies_.push_back(std::move(reply));
    }
  }

 private:
  runtime::Inbox<SocketEvent> inbox_;
  WebSocket socket_;
  std::vector<Reply> replies_;

 public:
  Conversation conversation;
};

WebSocketOptions options_for(const HomeAssistant& home, const std::string& host = "127.0.0.1") {
  WebSocketOptions options;
  options.address.host = host;
  options.address.port = home.port();
  return options;
}

json::Object import(const std::string& id, int rows) {
  json::Array stats;
  for (int i = 0; i < rows; ++i) {
    const int day = 1 + i / 24 % 28;
    const int hour = i % 24;
    std::string start = "2026-03-01T00:00:00Z";
    start[8] = static_cast<char>('0' + day / 10);
    start[9] = static_cast<char>('0' + day % 10);
    start[11] = static_cast<char>('0' + hour / 10);
    start[12] = static_cast<char>('0' + hour % 10);
    stats.push_back(json::Object{{"start", start}, {"state", 1.5}, {"sum", 1.5 * (i + 1)}});
  }
  return {{"type", "recorder/import_statistics"},
          {"metadata", json::Object{{"has_sum", true},
                                    {"name", "A"},
                                    {"source", "emporia"},
                                    {"statistic_id", id},
                                    {"unit_of_measurement", "kWh"},
                                    {"mean_type", 0},
                                    {"unit_class", "energy"}}},
          {"stats", std::move(stats)}};
}

}  // namespace

TEST_CASE("it signs in, writes and reads; a second connection, too") {
  HomeAssistant home;
  Talk talk(options_for(home));
  for (int i = 0; i < 2; ++i) {
    REQUIRE_MESSAGE(talk.open() == State::ready, talk.conversation.trouble());
    CHECK(talk.conversation.version() == "2026.4.1");
    const auto reply = talk.ask(import("emporia:a", 48));
    REQUIRE(reply);
    CHECK_MESSAGE(reply->ok, reply->error);
    talk.conversation.close();
  }
  CHECK(support::eventually([&] { return home.rows("emporia:a").size() == 48; }));
  REQUIRE(talk.open() == State::ready);
  const auto refused = talk.ask(import("emporia:A", 1));
  REQUIRE(refused);
  CHECK(refused->code == "home_assistant_error");
  CHECK(refused->error == "Invalid statistic_id");
}

TEST_CASE("why there is no conversation") {
  HomeAssistant home;
  Talk wrong_token(options_for(home), "another");
  CHECK(wrong_token.open() == State::failed);
  CHECK(wrong_token.conversation.refused());
  WebSocketOptions elsewhere = options_for(home);
  elsewhere.address.path = "/somewhere";
  Talk wrong_path(elsewhere);
  CHECK(wrong_path.open() == State::failed);
  CHECK(wrong_path.conversation.trouble().find("has no WebSocket API at /somewhere (HTTP 404)") != std::string::npos);
  WebSocketOptions nobody = options_for(home);
  nobody.address.port = support::free_port();
  Talk no_one(nobody);
  CHECK(no_one.open() == State::failed);
  CHECK(no_one.conversation.trouble().find("cannot be reached: Connection refused") != std::string::npos);
  WebSocketOptions tls = options_for(home);
  tls.address.tls = true;
  Talk not_tls(tls);
  CHECK(not_tls.open() == State::failed);
  CHECK(not_tls.conversation.trouble().find("TLS") != std::string::npos);
}

TEST_CASE("it dies while spoken to, and is found again") {
  HomeAssistant home;
  Talk talk(options_for(home));
  REQUIRE(talk.open() == State::ready);
  home.kill();
  talk.turn_until([&] { return talk.conversation.state() == State::failed; });
  CHECK(talk.conversation.state() == State::failed);
  CHECK(talk.conversation.trouble().find("ended the connection") != std::string::npos);
  CHECK(talk.open() == State::failed);
  home.start();
  CHECK(talk.open() == State::ready);
}

TEST_CASE("a message over Home Assistant's limit ends the connection, and that is told") {
  HomeAssistant home;
  Talk talk(options_for(home));
  REQUIRE(talk.open() == State::ready);
  json::Object large = import("emporia:a", 1);
  large.emplace_back("padding", std::string(std::size_t{5} * 1024 * 1024, 'x'));
  CHECK_FALSE(talk.ask(std::move(large)));
  CHECK(talk.conversation.state() == State::failed);
}

TEST_CASE("a certificate is checked: its authority, its name, its time") {
  support::Authority authority;
  support::Authority stranger("Stranger");
  struct Case {
    const char* what;
    support::Identity identity;
    const support::Authority& trusted;
    const char* host;
    const char* reason;
  };
  const Case cases[] = {
      {"right", authority.server(), authority, "localhost", ""},
      {"right by address", authority.server(), authority, "127.0.0.1", ""},
      {"of a stranger", authority.server(), stranger, "localhost",
       "is of an authority that is not trusted: set [statistics] ca_file"},
      {"signed by itself", authority.self_signed_server(), authority, "localhost",
       "is of an authority that is not trusted"},
      {"other name", authority.server({"home.example.com"}), authority, "localhost",
       "is for another name than localhost"},
      {"other address", authority.server({"localhost"}), authority, "127.0.0.1", "is for another name than 127.0.0.1"},
      {"expired", authority.expired_server(), authority, "localhost", "has expired"},
      {"of tomorrow", authority.future_server(), authority, "localhost", "is not valid yet"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    support::HomeAssistantOptions secured;
    secured.identity = c.identity;
    HomeAssistant home(secured);
    WebSocketOptions options = options_for(home, c.host);
    options.address.tls = true;
    options.address.ca_file = c.trusted.certificate_file();
    Talk talk(options);
    const bool right = *c.reason == '\0';
    CHECK((talk.open() == State::ready) == right);
    CAPTURE(talk.conversation.trouble());
    if (!right) CHECK(talk.conversation.trouble().find(c.reason) != std::string::npos);
    CHECK(home.count("connections") == (right ? 1 : 0));
  }
}

TEST_CASE("a file of authorities that is none is refused at the start") {
  WebSocketOptions options;
  options.address.tls = true;
  options.address.ca_file = "/nonexistent.pem";
  CHECK_THROWS_AS(WebSocket(options, [](SocketEvent) {}), std::runtime_error);
}
