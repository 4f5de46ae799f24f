// The sign-in, numbers and answers, and every way in which the conversation can end.
#include "recorder/conversation.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::recorder;
using namespace std::chrono_literals;

namespace {

class FakeSocket final : public Socket {
 public:
  std::vector<std::string> sent;
  std::uint64_t number = 0;
  bool open = false;

  std::uint64_t connect() override {
    open = true;
    return ++number;
  }
  void send(std::string text) override { sent.push_back(std::move(text)); }
  void close() override { open = false; }
};

struct Talk {
  FakeSocket socket;
  Conversation conversation{socket, "the token"};
  runtime::Now now{runtime::SteadyTime{1h}, runtime::SystemTime{}};

  void hear(std::string text) { conversation.on_event({socket.number, Text{std::move(text)}}, now); }
  void pass(std::chrono::seconds time) {
    now.steady += time;
    conversation.on_time(now);
  }
  void sign_in() {
    conversation.open(now);
    conversation.on_event({socket.number, Opened{}}, now);
    hear(R"({"type":"auth_required","ha_version":"2026.4.1"})");
    hear(R"({"type":"auth_ok","ha_version":"2026.4.1"})");
    REQUIRE(conversation.state() == Conversation::State::ready);
  }
};

}  // namespace

TEST_CASE("versions") {
  CHECK(read_version("2026.4.1") == Version{2026, 4});
  CHECK(read_version("2025.11.0b2") == Version{2025, 11});
  CHECK(read_version("2025.12") == Version{2025, 12});
  for (const char* text : {"", "x", "2026", "2026.", "v2026.4", "."}) CHECK(read_version(text) == Version{});
}

TEST_CASE("it signs in, numbers its commands and finds their answers") {
  Talk talk;
  talk.sign_in();
  CHECK(talk.socket.sent == std::vector<std::string>{R"({"type":"auth","access_token":"the token"})"});
  CHECK(talk.conversation.version() == "2026.4.1");
  CHECK(talk.conversation.ask({{"type", "a"}}, talk.now) == 1);
  CHECK(talk.conversation.ask({{"type", "b"}}, talk.now) == 2);
  CHECK(talk.socket.sent.back() == R"({"id":2,"type":"b"})");
  talk.hear(R"({"id":2,"type":"result","success":false,"error":{"code":"unauthorized","message":"Un\nauthorized"}})");
  talk.hear(R"({"id":1,"type":"result","success":true,"result":[1]})");
  // Of nobody's asking.
  talk.hear(R"({"id":2,"type":"result","success":true,"result":null})");
  talk.hear(R"({"id":"1","type":"result","success":true})");
  talk.hear(R"({"type":"event"})");
  const auto replies = talk.conversation.take_replies();
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].id == 2);
  CHECK_FALSE(replies[0].ok);
  CHECK(replies[0].code == "unauthorized");
  CHECK(replies[0].error == "Un authorized");
  CHECK(replies[1].ok);
  CHECK(replies[1].result == json::Value(json::Array{1}));
  CHECK(talk.conversation.take_replies().empty());
  talk.conversation.close();
  CHECK_FALSE(talk.socket.open);
  CHECK(talk.conversation.next_deadline() == runtime::kNever);
}

TEST_CASE("every way in which it fails is told, and the token never") {
  struct Case {
    const char* what;
    void (*happens)(Talk&);
    const char* trouble;
    bool refused = false;
  };
  for (const Case& row :
       {Case{"nobody there",
             [](Talk& talk) {
               talk.conversation.on_event({talk.socket.number, Closed{"cannot be reached"}}, talk.now);
             },
             "cannot be reached"},
        Case{"silence", [](Talk& talk) { talk.pass(30s); }, "Home Assistant does not answer within 30 s"},
        Case{"wrong token",
             [](Talk& talk) {
               talk.hear(R"({"type":"auth_required","ha_version":"2026.4.1"})");
               talk.hear(R"({"type":"auth_invalid","message":"Invalid access token or password"})");
             },
             "Home Assistant refuses the token (Invalid access token or password): make a long-lived access token in "
             "the profile of an administrator, and put it where [statistics] says",
             true},
        Case{"something else", [](Talk& talk) { talk.hear(R"({"type":"hello"})"); },
             "what answers is not Home Assistant's WebSocket API"},
        Case{"no JSON", [](Talk& talk) { talk.hear("<html>"); }, nullptr}}) {
    CAPTURE(row.what);
    Talk talk;
    talk.conversation.open(talk.now);
    row.happens(talk);
    CHECK(talk.conversation.state() == Conversation::State::failed);
    CHECK(talk.conversation.refused() == row.refused);
    if (row.trouble != nullptr) CHECK(talk.conversation.trouble() == row.trouble);
    CHECK_FALSE(talk.conversation.trouble().empty());
    CHECK(talk.conversation.trouble().find("the token\"") == std::string::npos);
    CHECK(talk.conversation.next_deadline() == runtime::kNever);
    // And it can begin anew.
    talk.sign_in();
    CHECK(talk.conversation.trouble().empty());
  }
}

TEST_CASE("a command that is never answered ends it, and what comes from an earlier connection is nothing") {
  Talk talk;
  talk.sign_in();
  talk.conversation.ask({{"type", "a"}}, talk.now);
  CHECK(talk.conversation.next_deadline() == talk.now.steady + 60s);
  talk.pass(59s);
  CHECK(talk.conversation.state() == Conversation::State::ready);
  talk.pass(1s);
  CHECK(talk.conversation.trouble() == "Home Assistant leaves a command unanswered for 60 s");
  talk.sign_in();
  talk.conversation.on_event({talk.socket.number - 1, Closed{"late"}}, talk.now);
  CHECK(talk.conversation.state() == Conversation::State::ready);
  // Numbers begin anew with a connection.
  CHECK(talk.conversation.ask({{"type", "a"}}, talk.now) == 1);
}
