#include "bridge/recorder_peer.hpp"

#include <doctest/doctest.h>

namespace emporia::tests {

using namespace std::chrono_literals;

std::uint64_t RecorderPeer::connect() {
  ++number_;
  ++connections;
  signed_in_ = false;
  open_ = up;
  if (!up) {
    post_(recorder::SocketEvent{number_, recorder::Closed{"Home Assistant cannot be reached: Connection refused"}},
          5ms);
    return number_;
  }
  post_(recorder::SocketEvent{number_, recorder::Opened{}}, 5ms);
  say(R"({"type":"auth_required","ha_version":")" + recorder_.version() + R"("})");
  return number_;
}

void RecorderPeer::say(std::string text) {
  post_(recorder::SocketEvent{number_, recorder::Text{std::move(text)}}, 10ms);
}

void RecorderPeer::restart() {
  recorder_.restart();
  if (std::exchange(open_, false)) {
    post_(recorder::SocketEvent{number_, recorder::Closed{"Home Assistant ended the connection"}}, 5ms);
  }
}

void RecorderPeer::send(std::string text) {
  if (!open_) return;
  const auto parsed = json::parse(text, {4 * 1024 * 1024, 16});
  REQUIRE_MESSAGE(parsed.ok(), text.substr(0, 200));
  const json::Value& message = parsed.value();
  if (!signed_in_) {
    signed_in_ = message.find("access_token") != nullptr && *message.find("access_token")->as_string() == token;
    return say(signed_in_ ? R"({"type":"auth_ok","ha_version":")" + recorder_.version() + R"("})"
                          : R"({"type":"auth_invalid","message":"Invalid access token or password"})");
  }
  json::Object command = *message.as_object();
  REQUIRE(command.front().first == "id");
  const json::Value id = command.front().second;
  command.erase(command.begin());
  auto answer = recorder_.command(command);
  json::Object reply{{"id", id}, {"type", "result"}, {"success", answer.ok()}};
  if (answer) {
    reply.emplace_back("result", std::move(answer).value());
  } else {
    reply.emplace_back("error", json::Object{{"code", "invalid_format"}, {"message", answer.error()}});
  }
  say(json::to_text(std::move(reply)));
}

}  // namespace emporia::tests
