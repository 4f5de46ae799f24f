#include "app/requests.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "app/answer_topic.hpp"
#include "app/own_devices.hpp"
#include "commands/parse.hpp"
#include "commands/value.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "settings/nearest.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using runtime::concat;

constexpr const char* kRoom = "requests";
constexpr std::size_t kLongestTransaction = 128;
constexpr std::size_t kLongestVerb = 32;

/// What is asked for besides the arguments of the verb; nothing where it cannot be echoed.
bool legal_transaction(const json::Value& value) {
  const std::string* text = value.as_string();
  if (text != nullptr) return text->size() <= kLongestTransaction;
  return value.is_null() || value.as_integer() != nullptr || value.as_double() != nullptr;
}

/// A verb may stand in a topic of ours only when it is a plain word.
bool plain(std::string_view verb) {
  return !verb.empty() && verb.size() <= kLongestVerb &&
         verb.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

/// "; is usage meant?", or nothing where no word is near.
std::string meant(std::string_view typed, const std::vector<std::string_view>& words) {
  const std::string_view near = settings::nearest(typed, words);
  return near.empty() ? std::string() : concat("; is ", near, " meant?");
}

runtime::Result<json::Object, std::string> read_arguments(const std::string& payload) {
  if (commands::is_nothing(payload)) return json::Object{};
  json::Limits limits;
  limits.bytes = commands::kLongestPayload;
  limits.depth = 4;
  limits.repeated_keys = false;
  auto content = json::parse(payload, limits);
  constexpr const char* kWanted = "a request is a JSON object such as {} or {\"transaction\": 1}, or empty";
  if (!content) return runtime::Failure{concat(content.error(), ": ", kWanted)};
  if (json::Object* object = content.value().as_object()) return std::move(*object);
  return runtime::Failure{concat(kWanted, ", not ", commands::shown(content.value()))};
}

}  // namespace

struct Requests::Verb {
  const char* name;
  void (Requests::*carry_out)(const json::Object& arguments, const Address& address, runtime::Now now);
  /// Besides `transaction`.
  std::vector<std::string_view> arguments;
};

const std::vector<Requests::Verb>& Requests::verbs() {
  static const std::vector<Verb> kVerbs{
      {"refresh", &Requests::refresh, {}},
      {"devices", &Requests::devices, {}},
      {"health", &Requests::health, {}},
      {"usage", &Requests::usage, {"device", "scale", "from", "to", "channels"}},
  };
  return kVerbs;
}

Requests::Requests(mqtt::Session& session, Collector& collector, const Reporter& reporter, const model::Home& home,
                   const settings::Settings& settings)
    : collector_(collector),
      reporter_(reporter),
      topics_(topics_of(settings)),
      responder_(session),
      usage_(responder_, collector, home, settings) {
  // With the retained ones, which are not carried out, so that who published one is told why nothing happens.
  session.subscribe({{topics_.bridge("request/+"), false, false, true}});
}

bool Requests::on_received(const mqtt::Received& received, runtime::Now now) {
  const std::string start = topics_.bridge("request/");
  if (received.message.topic.compare(0, start.size(), start) != 0) return false;
  carry_out(received.message.topic.substr(start.size()), received, now);
  return true;
}

void Requests::carry_out(const std::string& verb, const mqtt::Received& received, runtime::Now now) {
  // How a retained message is taken away.
  if (received.retained && received.message.payload.empty()) return;
  Address address = address_of(verb, received.message);
  if (too_many(now)) {
    return responder_.refuse(address,
                             concat("more than ", kMostPerSecond, " requests within a second: ask again, less often"));
  }
  if (received.retained) {
    strange_.failed(kRoom, concat("a retained request ", settings::in_quotes(verb),
                                  " is not carried out: clear it with an empty retained message"));
    return responder_.refuse(
        address,
        "a retained request is not carried out: publish it without the retain flag, and clear the retained "
        "one with an empty retained message on the same topic");
  }
  auto arguments = read_arguments(received.message.payload);
  if (!arguments) return responder_.refuse(address, arguments.error());
  std::vector<std::string_view> names;
  for (const Verb& known : verbs()) names.emplace_back(known.name);
  const auto known = std::find_if(verbs().begin(), verbs().end(), [&](const Verb& v) { return v.name == verb; });
  json::Object own;
  std::string unknown;
  for (auto& [key, value] : arguments.value()) {
    if (key == "transaction") {
      if (!legal_transaction(value)) {
        return responder_.refuse(
            address, concat("transaction takes a number or a text of at most ", kLongestTransaction, " bytes"));
      }
      address.transaction = value;
    } else if (known != verbs().end() && std::count(known->arguments.begin(), known->arguments.end(), key) == 0) {
      if (unknown.empty()) unknown = key;
    } else {
      own.emplace_back(key, std::move(value));
    }
  }
  if (known == verbs().end()) {
    return responder_.refuse(address, concat("there is no request ", settings::in_quotes(verb), ": there are ",
                                             settings::listed(names, "and", false), meant(verb, names)));
  }
  if (!unknown.empty()) {
    std::vector<std::string_view> keys = known->arguments;
    keys.emplace_back("transaction");
    return responder_.refuse(address, concat("unknown key ", settings::in_quotes(unknown), ": ", verb, " takes ",
                                             settings::listed(keys, "and", false), meant(unknown, keys)));
  }
  (this->*known->carry_out)(own, address, now);
}

bool Requests::too_many(runtime::Now now) {
  if (now.steady - second_began_ >= 1s) {
    second_began_ = now.steady;
    in_this_second_ = 0;
  }
  return ++in_this_second_ > kMostPerSecond;
}

Address Requests::address_of(const std::string& verb, const mqtt::Message& request) {
  Address address{
      topics_.bridge("response/" + (plain(verb) ? verb : std::string("unknown"))), request.correlation_data, {}};
  if (request.response_topic.empty()) return address;
  const std::string reason = why_no_answer_at(topics_, request.response_topic);
  if (reason.empty()) {
    address.topic = request.response_topic;
  } else {
    strange_.failed(kRoom, concat("a request wants its response on ", settings::in_quotes(request.response_topic),
                                  ", which ", reason, ": it goes to ", address.topic));
  }
  return address;
}

void Requests::refresh(const json::Object&, const Address& address, runtime::Now now) {
  runtime::log_info(kRoom, "asked to refresh");
  collector_.refresh(now);
  const partner::CallBudget& budget = collector_.client().budget();
  json::Object polls;
  for (std::size_t i = 0; i < polling::kPollKinds; ++i) {
    const auto kind = static_cast<polling::PollKind>(i);
    const auto next = collector_.planner().times(kind, now).next;
    if (next)
      polls.emplace_back(polling::word(kind), runtime::iso8601(std::chrono::floor<std::chrono::seconds>(*next)));
  }
  const std::string note = why_waiting(collector_.client(), now);
  responder_.respond(address,
                     json::Object{{"polls", std::move(polls)},
                                  {"calls_left", budget.limit() - std::min(budget.used(now.steady), budget.limit())},
                                  {"note", note.empty() ? json::Value() : json::Value(note)}});
}

void Requests::devices(const json::Object&, const Address& address, runtime::Now) {
  if (collector_.inventories() == 0) {
    return responder_.refuse(
        address,
        "the list of devices has not been read yet: ask again when bridge/health shows the partner's state "
        "as ok");
  }
  responder_.respond_text(address, reporter_.devices());
}

void Requests::health(const json::Object&, const Address& address, runtime::Now now) {
  responder_.respond(address, reporter_.health(now));
}

void Requests::usage(const json::Object& arguments, const Address& address, runtime::Now now) {
  usage_.ask(arguments, address, now);
}

}  // namespace emporia::app
