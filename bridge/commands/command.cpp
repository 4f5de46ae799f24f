#include "commands/command.hpp"

#include "commands/call.hpp"
#include "runtime/time_text.hpp"

namespace emporia::commands {

const char* word(Status status) {
  switch (status) {
    case Status::accepted:
      return "accepted";
    case Status::confirmed:
      return "confirmed";
    case Status::unchanged:
      return "unchanged";
    case Status::offline:
      return "offline";
    case Status::refused:
      return "refused";
    case Status::timeout:
      return "timeout";
    case Status::superseded:
      break;
  }
  return "superseded";
}

json::Value result_payload(const Result& result) {
  const auto text = [](const std::string& told) { return told.empty() ? json::Value() : json::Value(told); };
  return json::Object{{"id", result.id},
                      {"device", result.device},
                      {"settings", result.settings},
                      {"status", word(result.status)},
                      {"error", text(result.error)},
                      {"note", text(result.note)},
                      {"at", runtime::iso8601(result.at)}};
}

const model::DeviceId& device_of(const State& state) {
  return std::visit([](const auto& told) -> const model::DeviceId& { return told.device; }, state);
}

}  // namespace emporia::commands
