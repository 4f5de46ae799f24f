#include "app/status_line.hpp"

#include <algorithm>
#include <optional>

#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using partner::PartnerState;
using runtime::concat;

/// Empty when all is well.
std::string partner_part(const partner::PartnerStatus& status) {
  const std::string since = runtime::iso8601(std::chrono::floor<std::chrono::seconds>(status.since));
  switch (status.state) {
    case PartnerState::ok:
      return "";
    case PartnerState::signing_in:
      return "signing in to the Partner API";
    case PartnerState::auth_refused:
      return concat("the Partner API refuses the sign-in since ", since, ": ", status.last_error);
    case PartnerState::unreachable:
      return concat("the Partner API is out of reach since ", since, ": ", status.last_error);
    case PartnerState::throttled:
      break;
  }
  return concat("the Partner API lets us wait since ", since, ": ", status.last_error);
}

std::string broker_part(const mqtt::Session& session) {
  if (session.up()) return "";
  const std::string why = session.health().last_error;
  return why.empty() ? "connecting to the broker" : concat("no connection to the broker: ", why);
}

std::string home_part(const model::Home& home, runtime::Now now) {
  std::size_t connected = 0;
  std::optional<model::UtcSeconds> newest;
  for (const auto& [id, picture] : home.devices()) {
    if (picture.device.connected) ++connected;
    newest = std::max(newest, picture.as_of);
  }
  std::string text = concat(home.devices().size(), home.devices().size() == 1 ? " device" : " devices");
  if (connected < home.devices().size()) text += concat(", ", connected, " of them connected");
  if (!newest) return text + ", no data yet";
  const auto age = std::chrono::floor<std::chrono::minutes>(now.system - *newest);
  return concat(text, ", data up to ", runtime::for_people(age), " ago");
}

}  // namespace

std::string status_line(const Collector& collector, const mqtt::Session& session, const model::Home& home,
                        runtime::Now now) {
  const partner::Client& client = collector.client();
  std::string line;
  const auto add = [&line](const std::string& part) {
    if (!part.empty()) line += (line.empty() ? "" : "; ") + part;
  };
  add(partner_part(client.status()));
  add(broker_part(session));
  add(collector.ledger_trouble().empty() ? "" : "the ledger cannot be written: " + collector.ledger_trouble());
  if (collector.inventories() > 0) add(home_part(home, now));
  add(concat(client.budget().used(now.steady), " of ", client.budget().limit(), " calls in the last hour"));
  return runtime::without_secrets(line);
}

}  // namespace emporia::app
