#include <doctest/doctest.h>

#include "queue_story.hpp"

namespace emporia::commands {
namespace {

using Kind = CallFailure::Kind;

TEST_CASE("one command makes one call and is confirmed by its reply") {
  QueueStory story;
  story.at(0).send("O1/set/on", "ON");
  story.check("single");
}

TEST_CASE("a scene of twenty outlets within 20 ms is one call") {
  QueueStory story;
  for (int i = 0; i < 20; ++i) story.at(i * 0.001).send("O" + std::to_string(i + 1) + "/set/on", "ON");
  story.check("scene");
  CHECK(story.calls.size() == 1);
}

TEST_CASE("a hundred values of a slider within a second are at most three calls, and the last value stands") {
  for (const int latency_ms : {2, 100, 400, 900}) {
    QueueStory story;
    story.latency = std::chrono::milliseconds(latency_ms);
    for (int i = 0; i < 100; ++i) story.at(i * 0.01).send("C1/set/charge_rate_a", std::to_string(6 + (i * 7) % 35));
    story.at(60);
    CAPTURE(latency_ms);
    CHECK(story.calls.size() <= 3);
    CHECK(std::get<model::ChargerState>(story.service.states.at(model::DeviceId("C1"))).charge_rate_a == 6 + 693 % 35);
    CHECK(std::get<model::ChargerState>(story.service.states.at(model::DeviceId("C1"))).on == false);
    CHECK(story.results.back().status == Status::confirmed);
    CHECK(story.results.size() == 200);
  }
}

TEST_CASE("a dragged slider, told in full") {
  QueueStory story;
  for (int i = 0; i < 5; ++i) story.at(i * 0.2).send("C1/set/charge_rate_a", std::to_string(20 + i));
  story.check("slider");
}

TEST_CASE("what is not connected is offline at once") {
  QueueStory story;
  story.service.disconnected = {"O1"};
  story.read_inventory();
  story.at(0).send("O1/set", R"({"on": true, "id": 7})");
  story.send("O1/set/on", "maybe");
  story.check("offline");
}

TEST_CASE("a device that went away since the last inventory") {
  QueueStory story;
  story.service.disconnected = {"O1", "B1"};
  story.at(10).send("O1/set/on", "ON");
  story.at(20).send("B1/set/reserve_soc_pct", "30");
  story.check("went_away");
}

TEST_CASE("it already was so") {
  QueueStory story;
  story.at(0).send("O1/set/on", "off");
  story.send("O2/set/on", "on");
  story.check("unchanged");
}

TEST_CASE("the service takes a command and nothing comes of it") {
  QueueStory story;
  story.service.deaf = {"C1"};
  story.at(0).send("C1/set/on", "ON");
  story.check("deaf");
}

TEST_CASE("the budget is spent") {
  QueueStory story;
  story.fails(Kind::over_budget, "the call budget is used up", 20);
  story.fails(Kind::over_budget, "the call budget is used up", 100);
  story.at(0).send("O1/set/on", "ON");
  story.at(1).send("O2/set", R"({"on": true, "timeout_s": 5})");
  story.at(40).send("O3/set/on", "ON");
  story.at(41).send("O4/set", R"({"on": true, "timeout_s": 100})");
  story.check("budget");
}

TEST_CASE("the budget is spent and commands shall not wait") {
  QueueOptions options;
  options.wait_for_budget = false;
  QueueStory story(options);
  story.fails(Kind::over_budget, "the call budget is used up", 20);
  story.at(0).send("O1/set/on", "ON");
  story.at(1).send("O2/set/on", "ON");
  story.at(21).send("O2/set/on", "ON");
  story.check("budget_refuses");
}

TEST_CASE("the service is out of reach for a while") {
  QueueStory story;
  for (int i = 0; i < 3; ++i) story.fails(Kind::try_later, "the service does not answer");
  story.at(0).send("C1/set/charge_rate_a", "24");
  story.at(2).send("C1/set/charge_rate_a", "20");
  story.check("lost_link");
}

TEST_CASE("the service stays out of reach") {
  QueueStory story;
  for (int i = 0; i < 100; ++i) story.fails(Kind::try_later, "the service does not answer");
  story.at(0).send("O1/set", R"({"on": true, "timeout_s": 10, "id": "a"})");
  story.check("out_of_reach");
}

TEST_CASE("no answer before the deadline") {
  QueueStory story;
  story.latency = std::chrono::seconds(15);
  story.at(0).send("O1/set", R"({"on": true, "timeout_s": 3})");
  story.at(1).send("O2/set", R"({"on": true, "timeout_s": 1})");
  story.check("no_answer");
}

TEST_CASE("a reply that cannot be understood is read back") {
  QueueStory story;
  story.fails(Kind::unclear, "the reply cannot be understood");
  story.service.states.insert_or_assign(model::DeviceId("O1"), outlet("O1", true));
  story.at(0).send("O1/set/on", "ON");
  story.check("unclear");
}

TEST_CASE("one bad device does not take the others with it") {
  QueueStory story;
  story.service.refused = {{"O3", "device O3 is not yours"}};
  for (int i = 1; i <= 5; ++i) story.at(0).send("O" + std::to_string(i) + "/set/on", "ON");
  story.check("one_bad");
}

TEST_CASE("of two commands for one charger the refused one does not take the other with it") {
  QueueStory story;
  story.fails(Kind::refused, "charge rate too high");
  story.fails(Kind::refused, "charge rate too high");
  story.at(0).send("C1/set/charge_rate_a", "40");
  story.send("C1/set/on", "ON");
  story.check("refused_apart");
}

TEST_CASE("retained commands are never carried out") {
  QueueStory story;
  story.at(0).send("O1/set/on", "ON", true);
  story.send("O1/set/on", "ON", true);
  story.send("O1/set/on", "", true);
  story.send("nobody/set", R"({"on": true})", true);
  story.check("retained");
}

TEST_CASE("a redelivery is no second command, the same wish after another is") {
  QueueStory story;
  story.at(0).send("O1/set/on", "ON", false, {"answers", "17"});
  story.at(0.01).send("O1/set/on", "ON", false, {"answers", "17"});
  story.at(0.1).send("O1/set/on", "ON", false, {"answers", "17"});
  story.at(2).send("O2/set/on", "ON");
  story.at(2.1).send("O2/set/on", "OFF");
  story.at(2.2).send("O2/set/on", "ON");
  story.check("redelivery");
}

TEST_CASE("a command of which a part is taken over carries out the rest") {
  QueueStory story;
  story.at(0).send("C1/set", R"({"on": true, "charge_rate_a": 32, "id": "both"})");
  story.at(0.02).send("C1/set/charge_rate_a", "24");
  story.check("taken_over");
}

TEST_CASE("messages that are no commands") {
  QueueStory story;
  story.at(0).send("O1/set/on", "");
  story.send("O1/set", "  ");
  story.send("V1/set/on", "ON");
  story.send("O1/set/charge_rate_a", "24");
  story.send("O1/set/brightness", "24");
  story.send("nobody/set/on", "ON");
  story.send("nobody/set/on", "");
  story.send("O1/set", R"({"id": 1})");
  story.check("no_commands");
}

TEST_CASE("so many commands at once are more than is meant") {
  QueueOptions options;
  options.most_pending = 2;
  QueueStory story(options);
  for (int i = 1; i <= 3; ++i) story.at(0).send("O" + std::to_string(i) + "/set/on", "ON");
  story.check("too_many");
}

}  // namespace
}  // namespace emporia::commands
