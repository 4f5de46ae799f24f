#pragma once

#include <string>

#include "json/value.hpp"
#include "mqtt/session.hpp"

namespace emporia::app {

/// Where the responses to a request go, and what they repeat.
struct Address {
  std::string topic;
  std::string correlation_data;
  /// Of the request; null without one.
  json::Value transaction;
};

/// Says {status, data, error, transaction}, every key every time. Belongs to the loop's thread.
class Responder {
 public:
  explicit Responder(mqtt::Session& session) : session_(session) {}

  void respond(const Address& address, const json::Value& data);
  /// The same with data that is JSON text already.
  void respond_text(const Address& address, const std::string& data);
  /// `error` is for people: the reason and the next step.
  void refuse(const Address& address, const std::string& error);

 private:
  void send(const Address& address, const char* status, const std::string& data, const json::Value& error);

  mqtt::Session& session_;
};

}  // namespace emporia::app
