#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "json/value.hpp"
#include "model/energy.hpp"

namespace emporia::commands {

/// Where else an answer goes: what MQTT 5 calls response topic and correlation data. Empty where there is none.
struct Origin {
  std::string response_topic;
  std::string correlation_data;
  friend bool operator==(const Origin&, const Origin&) = default;
};

/// One message from <base>/<topic_id>/set or <base>/<topic_id>/set/<setting>.
struct Incoming {
  /// The level of the topic that stands for the device, as it came.
  std::string topic_id;
  std::optional<std::string> setting;
  std::string payload;
  /// The broker replays something old.
  bool retained = false;
  Origin origin;
};

/// `accepted` says that a command is legal and under way; exactly one of the others ends it. What is not legal ends at
/// once, without having been accepted.
enum class Status : std::uint8_t {
  accepted,
  /// The reply or a read-back shows it.
  confirmed,
  /// It already was so: the only Update left the device out, the read-back shows the value.
  unchanged,
  /// The device is not connected to the cloud.
  offline,
  refused,
  /// Not shown by the deadline, or not after several attempts; the text tells what is known.
  timeout,
  /// Newer commands for each of its settings came before any of it was shown.
  superseded
};
const char* word(Status status);
constexpr bool is_final(Status status) {
  return status != Status::accepted;
}
/// A failure, for <base>/bridge/event: offline, refused or timeout.
constexpr bool is_failure(Status status) {
  return status == Status::offline || status == Status::refused || status == Status::timeout;
}

/// For <base>/<topic_id>/result, and for the response topic if there is one.
struct Result {
  /// Of the request; null without one.
  json::Value id;
  std::string topic_id;
  /// The service's id of the device, or an excerpt of the topic level where no device is known by it.
  std::string device;
  /// What was asked for, as far as it was understood.
  json::Object settings;
  Status status = Status::accepted;
  /// Why it failed; empty: it did not.
  std::string error;
  /// What a person may want to know besides: what is kept for another mode, when a waiting command can go.
  std::string note;
  model::UtcSeconds at;
  Origin origin;
};

/// {id, device, settings, status, error, note, at}, every key every time.
json::Value result_payload(const Result& result);

}  // namespace emporia::commands
