#include "app/responder.hpp"

#include <utility>

#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::app {

void Responder::respond(const Address& address, const json::Value& data) {
  send(address, "ok", json::to_text(data), nullptr);
}

void Responder::respond_text(const Address& address, const std::string& data) {
  send(address, "ok", data, nullptr);
}

void Responder::refuse(const Address& address, const std::string& error) {
  runtime::log_debug("requests", runtime::concat("answered with an error on ", address.topic, ": ", error));
  send(address, "error", "null", error);
}

void Responder::send(const Address& address, const char* status, const std::string& data, const json::Value& error) {
  mqtt::Message message;
  message.topic = address.topic;
  message.correlation_data = address.correlation_data;
  message.payload = runtime::concat("{\"status\":\"", status, "\",\"data\":", data, ",\"error\":", json::to_text(error),
                                    ",\"transaction\":", json::to_text(address.transaction), "}");
  session_.publish(std::move(message));
}

}  // namespace emporia::app
