// A request on bridge/request/usage, and a topic on which its answer is wanted.
#include "app/answer_topic.hpp"
#include "app/usage_question.hpp"
#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "runtime/time_text.hpp"
#include "runtime/utf8.hpp"

namespace emporia::fuzz {
namespace {

const model::UtcSeconds kNow = *runtime::parse_iso8601("2026-11-23T12:34:56Z");

model::Home home() {
  model::Home home;
  model::Device monitor;
  monitor.id = model::DeviceId("F1");
  monitor.model = model::DeviceModel::vue2;
  monitor.name = "House";
  monitor.circuits = {{1, model::CircuitType::main_200a, model::EnergyDirection::consumption, "", ""},
                      {4, model::CircuitType::expansion_50a, model::EnergyDirection::consumption, "", "Oven"}};
  model::Device outlet = monitor;
  outlet.id = model::DeviceId("B1");
  outlet.model = model::DeviceModel::outlet;
  home.apply(model::InventorySeen{kNow, {monitor, outlet}});
  return home;
}

std::string wrong_with(const app::UsageQuestion& question) {
  if (question.from >= question.to || question.to > kNow) return "a range that is empty or in the future";
  if (question.buckets_each < 1 || question.buckets_each > app::kBucketsInPortion) return "portions of no sense";
  if (app::portion_count(question) > app::kMostBuckets) return "too many portions";
  const auto calls = app::calls_for(question);
  constexpr std::size_t kMostCalls = 10;
  if (calls.empty() || calls.size() > kMostCalls) return "no call, or more than one request may make";
  model::UtcSeconds before = question.from - std::chrono::seconds{1};
  for (const partner::FetchUsage& call : calls) {
    if (call.start <= before || call.end < call.start || call.end >= question.to)
      return "calls that overlap or overrun";
    before = call.end;
  }
  return {};
}

}  // namespace

std::string broken_law(std::string_view input) {
  static const model::Home kHome = home();
  static const std::map<std::string, std::string> kNames{{"B1", "Lamp"}};
  Bytes bytes(input);
  const std::string topic = bytes.text();
  const mqtt::TopicTree topics("emporia", "homeassistant");
  if (app::why_no_answer_at(topics, topic).empty()) {
    if (!mqtt::legal_topic(topic)) return "an answer on an illegal topic";
    const bool response = topic.rfind("emporia/bridge/response/", 0) == 0 || topic.rfind("emporia/response/", 0) == 0;
    if (topic.rfind("emporia/", 0) == 0 && !response) return "an answer on a topic of the bridge";
    if (topic.rfind("homeassistant/", 0) == 0) return "an answer among the discovery";
  }
  const auto content = json::parse(bytes.rest());
  if (!content || content.value().as_object() == nullptr) return {};
  const app::UsageLimits limits{kHome, kNames, kNow - std::chrono::minutes{30}, kNow};
  const auto question = app::read_usage_question(*content.value().as_object(), limits);
  if (question) return wrong_with(question.value());
  constexpr std::size_t kLongestError = 1000;
  if (question.error().empty() || question.error().size() > kLongestError) return "an error that is empty or endless";
  return {};
}

}  // namespace emporia::fuzz
