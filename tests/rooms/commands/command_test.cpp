#include <doctest/doctest.h>

#include "queue_story.hpp"

namespace emporia::commands {
namespace {

TEST_CASE("a result has the same keys every time") {
  Result result;
  result.device = "O1";
  result.settings = {{"on", true}};
  result.status = Status::confirmed;
  result.at = kNoon;
  CHECK(json::to_text(result_payload(result)) ==
        R"({"id":null,"device":"O1","settings":{"on":true},"status":"confirmed","error":null,"note":null,)"
        R"("at":"2027-01-15T12:00:00Z"})");
  result.id = "a";
  result.status = Status::timeout;
  result.error = "no answer";
  result.note = "by the way";
  CHECK(json::to_text(result_payload(result)) ==
        R"({"id":"a","device":"O1","settings":{"on":true},"status":"timeout","error":"no answer","note":"by the way",)"
        R"("at":"2027-01-15T12:00:00Z"})");
}

TEST_CASE("failures are told from other ends") {
  for (const Status status : {Status::offline, Status::refused, Status::timeout}) CHECK(is_failure(status));
  for (const Status status : {Status::accepted, Status::confirmed, Status::unchanged, Status::superseded}) {
    CHECK_FALSE(is_failure(status));
  }
}

/// An id that is its own topic level only when it has no dash.
std::string escaped(const std::string& id) {
  std::string level;
  for (const char c : id) level += c == '/' ? "-2f" : c == '-' ? "-2d" : std::string(1, c);
  return level;
}

TEST_CASE("a device is found by its topic level, never by an id that merely looks like one") {
  model::Home home;
  home.apply(model::InventorySeen{
      kNoon, {device("A/1", model::DeviceModel::outlet), device("A-2f1", model::DeviceModel::outlet)}});
  MemoryDrafts drafts;
  Queue queue(home, escaped, drafts);
  const auto device_at = [&queue](const std::string& level) {
    queue.on_message({level, "on", "ON", false, {}}, {});
    const auto results = queue.take_results();
    REQUIRE(results.size() == 1);
    CHECK(results[0].topic_id == level);
    return std::string(word(results[0].status)) + " " + results[0].device;
  };
  CHECK(device_at("A-2f1") == "accepted A/1");
  CHECK(device_at("A-2d2f1") == "accepted A-2f1");
  CHECK(device_at("A/1") == "refused A/1");
  CHECK(device_at("\xc3\xa4" + std::string(100, 'x')) == "refused ??" + std::string(58, 'x') + "...");
}

TEST_CASE("a charger's own maximum is followed when it changes") {
  QueueStory story;
  story.at(0).send("C1/set/charge_rate_a", "41");
  CHECK(story.results.back().error == "charge_rate_a takes whole amperes from 6 to 40, not 41");
  std::get<model::ChargerState>(story.service.states.at(model::DeviceId("C1"))).max_charge_rate_a = 48;
  story.poll();
  story.at(1).send("C1/set/charge_rate_a", "41");
  CHECK(story.results.back().status == Status::accepted);
  story.at(2);
  CHECK(story.results.back().status == Status::confirmed);
}

TEST_CASE("a device that leaves while its command waits is offline") {
  QueueStory story;
  story.at(0).send("O1/set/on", "ON");
  story.service.disconnected = {"O1"};
  story.read_inventory();
  story.at(60);
  CHECK(story.calls.empty());
  CHECK(story.results.back().status == Status::offline);
}

TEST_CASE("a device that is removed while its call is under way is offline") {
  model::Home home;
  home.apply(sample_inventory());
  MemoryDrafts drafts;
  Queue queue(
      home, [](const std::string& id) { return id; }, drafts);
  runtime::Now now{runtime::SteadyTime{} + std::chrono::hours{1}, kNoon};
  queue.on_message({"O1", "on", "ON", false, {}}, now);
  now.steady += std::chrono::milliseconds{50};
  queue.on_time(now);
  const auto calls = queue.take_calls();
  REQUIRE(calls.size() == 1);
  for (int i = 1; i <= 3; ++i) home.apply(model::InventorySeen{kNoon + std::chrono::minutes{20 * i}, {}});
  REQUIRE(home.devices().empty());
  queue.on_outcome(calls[0].id, std::vector<State>{outlet("O1", false)}, now);
  now.steady += std::chrono::seconds{2};
  queue.on_time(now);
  CHECK(queue.take_results().back().status == Status::offline);
  CHECK(queue.pending() == 0);
}

TEST_CASE("kinds do not wait for one another") {
  QueueStory story;
  story.latency = std::chrono::seconds(10);
  story.at(0).send("O1/set/on", "ON");
  story.at(1).send("C1/set/on", "ON");
  story.at(2);
  CHECK(story.calls.size() == 2);
}

TEST_CASE("an outcome nobody waits for changes nothing") {
  QueueStory story;
  story.queue.on_outcome(17, std::vector<State>{outlet("O1", true)}, {});
  CHECK(story.queue.take_results().empty());
  CHECK(story.queue.take_calls().empty());
}

}  // namespace
}  // namespace emporia::commands
