#include <arpa/inet.h>
#include <atomic>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "linked.hpp"

namespace emporia::mqtt {
namespace {

/// Listens on loopback, reads what comes and answers the first packet of every connection with the given bytes.
class ScriptedBroker {
 public:
  explicit ScriptedBroker(std::string answer)
      : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, any, size) == 0);
    REQUIRE(::listen(listener_, 5) == 0);
    REQUIRE(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedBroker() {
    ::shutdown(listener_, SHUT_RDWR);
    if (const int open = connection_; open >= 0) ::shutdown(open, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  LinkOptions options() const {
    LinkOptions options;
    options.host = "127.0.0.1";
    options.port = port_;
    options.client_id = "bridge";
    return options;
  }

 private:
  void serve() {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      connection_ = connection;
      char buffer[4096];
      bool answered = false;
      while (::recv(connection, buffer, sizeof buffer, 0) > 0) {
        if (!answered) ::send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL);
        answered = true;
      }
      connection_ = -1;
      ::close(connection);
    }
  }

  std::string answer_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connection_{-1};
  std::thread thread_;
};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

TEST_CASE("every answer of a broker that refuses is told in words, the code where there are none") {
  struct Case {
    int code;
    const char* words;
    bool refused;
  };
  for (const Case& c : {Case{0x84, "try [mqtt] version = 3", true}, Case{0x85, "check [mqtt] client_id", true},
                        Case{0x86, "check [mqtt] username and password", true}, Case{0x88, "not available", false},
                        Case{0x9F, "limits how often", true}, Case{0x83, "reason code 131", false}}) {
    CAPTURE(c.code);
    // CONNACK: no session, the code, no properties.
    ScriptedBroker broker(bytes({0x20, 3, 0, c.code, 0}));
    Linked linked(broker.options());
    linked.link().connect();
    const auto down = linked.wait_for<LinkDown>();
    REQUIRE(down);
    CAPTURE(down->reason);
    CHECK(holds(down->reason, c.words));
    CHECK(down->refused == c.refused);
  }
}

TEST_CASE("a broker's goodbye gives the reason why the link went down") {
  struct Case {
    int code;
    const char* words;
    bool refused;
  };
  for (const Case& c : {Case{0x8E, "another client took over the client id", true}, Case{0x8B, "shutting down", false},
                        Case{0x80, "reason code 128", false}}) {
    CAPTURE(c.code);
    // CONNACK with success, then DISCONNECT with the code and no properties.
    ScriptedBroker broker(bytes({0x20, 3, 0, 0, 0, 0xE0, 2, c.code, 0}));
    Linked linked(broker.options());
    REQUIRE(linked.connect());
    const auto down = linked.wait_for<LinkDown>();
    REQUIRE(down);
    CAPTURE(down->reason);
    CHECK(holds(down->reason, c.words));
    CHECK(down->refused == c.refused);
    CHECK(linked.all<LinkDown>().size() == 1);
  }
}

TEST_CASE("limits that the broker does not name are those of MQTT 5, and named ones are kept") {
  ScriptedBroker silent(bytes({0x20, 3, 0, 0, 0}));
  Linked unsaid(silent.options());
  REQUIRE(unsaid.connect());
  CHECK(unsaid.all<LinkUp>().front().receive_maximum == 65535);
  // Receive Maximum (0x21) of 7.
  ScriptedBroker modest(bytes({0x20, 6, 0, 0, 3, 0x21, 0, 7}));
  Linked said(modest.options());
  REQUIRE(said.connect());
  CHECK(said.all<LinkUp>().front().receive_maximum == 7);
}

TEST_CASE("something that talks nonsense instead of MQTT is no broker") {
  ScriptedBroker nonsense("HTTP/1.1 400 Bad Request\r\n\r\n");
  Linked linked(nonsense.options());
  linked.link().connect();
  const auto down = linked.wait_for<LinkDown>();
  REQUIRE(down);
  CHECK(holds(down->reason, "does not answer to MQTT"));
}

}  // namespace
}  // namespace emporia::mqtt
