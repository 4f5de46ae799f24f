#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "app/event.hpp"
#include "rooms/statistics/fake_recorder.hpp"

namespace emporia::tests {

/// Home Assistant's WebSocket API before a recorder, for a bridge in a world without time of its own.
class RecorderPeer final : public recorder::Socket {
 public:
  using Post = std::function<void(app::Event, std::chrono::milliseconds)>;

  RecorderPeer(FakeRecorder& recorder, Post post) : recorder_(recorder), post_(std::move(post)) {}

  std::string token = "right token";
  /// Whether anything listens.
  bool up = true;
  unsigned connections = 0;
  /// It restarts: the connection breaks, what is queued is gone.
  void restart();

  std::uint64_t connect() override;
  void send(std::string text) override;
  void close() override { open_ = false; }

 private:
  void say(std::string text);

  FakeRecorder& recorder_;
  Post post_;
  std::uint64_t number_ = 0;
  bool open_ = false;
  bool signed_in_ = false;
};

}  // namespace emporia::tests
