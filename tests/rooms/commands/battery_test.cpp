#include <doctest/doctest.h>

#include "queue_story.hpp"

namespace emporia::commands {
namespace {

TEST_CASE("settings first, then the mode that uses them: one call") {
  QueueStory story;
  story.at(0).send("B1/set/charge_power_kw", "3");
  story.at(1).send("B1/set/target_soc_pct", "80");
  story.at(2).send("B1/set/dispatch_mode", "Charge to state of charge");
  story.check("battery_prepared");
}

TEST_CASE("a mode without its settings says what is missing") {
  QueueStory story;
  story.at(0).send("B1/set/dispatch_mode", "charge_to_state_of_charge");
  story.at(1).send("B1/set", R"({"dispatch_mode": "charge_to_state_of_charge", "target_soc_pct": 80})");
  story.at(2).send("B1/set", R"({"dispatch_mode": "load_following", "power_kw": 4})");
  story.check("battery_incomplete");
}

TEST_CASE("a setting of the current mode changes that one alone") {
  QueueStory story;
  story.at(0).send("B1/set",
                   R"({"dispatch_mode": "charge_to_state_of_charge", "target_soc_pct": 80, "charge_power_kw": 3})");
  story.at(5).send("B1/set/target_soc_pct", "90");
  story.at(10).send("B1/set/reserve_soc_pct", "30");
  story.at(15).send("B1/set", R"({"reserve_soc_pct": 10, "target_soc_pct": 15})");
  story.at(20).send("B1/set/target_soc_pct", "5");
  story.check("battery_current");
}

TEST_CASE("a mode that is left and chosen again has its settings back, also after a restart") {
  MemoryDrafts drafts;
  {
    QueueStory story;
    story.at(0).send(
        "B1/set",
        R"({"dispatch_mode": "discharge_to_state_of_charge", "target_soc_pct": 40, "discharge_power_kw": 2})");
    story.at(5).send("B1/set/dispatch_mode", "Idle");
    story.at(10);
    drafts = story.drafts;
    CHECK(story.queue.drafts(model::DeviceId("B1")) ==
          KeptSettings{{Setting::discharge_power_kw, 2}, {Setting::target_soc_pct, 40}});
  }
  QueueStory story;
  story.drafts = drafts;
  story.at(0).send("B1/set/dispatch_mode", "Discharge to state of charge");
  story.check("battery_restart");
  CHECK(story.queue.drafts(model::DeviceId("B1")).empty());
}

TEST_CASE("what somebody else set is newer than what was kept") {
  QueueStory story;
  story.at(0).send("B1/set/power_kw", "4");
  story.at(1);
  auto& state = std::get<model::BatteryState>(story.service.states.at(model::DeviceId("B1")));
  state.dispatch = model::Dispatch{model::DispatchMode::load_following, 2.5, {}, {}, {}};
  story.poll();
  CHECK(story.queue.drafts(model::DeviceId("B1")).empty());
  state.dispatch = model::Dispatch{};
  story.poll();
  CHECK(story.queue.drafts(model::DeviceId("B1")) == KeptSettings{{Setting::power_kw, 2.5}});
}

TEST_CASE("a mode and its settings sent one after the other within the window are one call") {
  QueueStory story;
  story.at(0).send("B1/set/charge_power_kw", "2");
  story.send("B1/set/dispatch_mode", "charge_with_excess_solar");
  story.at(0.02).send("B1/set/charge_power_kw", "3");
  story.at(0.03).send("B1/set/reserve_soc_pct", "25");
  story.check("battery_gathered");
}

TEST_CASE("a setting that comes while its mode is being chosen follows it") {
  QueueStory story;
  story.at(0).send("B1/set", R"({"dispatch_mode": "charge_with_excess_solar", "charge_power_kw": 2})");
  story.at(0.1).send("B1/set/charge_power_kw", "3");
  story.check("battery_follows");
}

TEST_CASE("a mode that comes to nothing leaves the setting kept") {
  QueueStory story;
  story.service.refused = {{"B1", "not now"}};
  story.at(0).send("B1/set", R"({"dispatch_mode": "charge_with_excess_solar", "charge_power_kw": 2})");
  story.at(0.1).send("B1/set/charge_power_kw", "3");
  story.check("battery_mode_refused");
  CHECK(story.drafts.rows[model::DeviceId("B1")] == KeptSettings{{Setting::charge_power_kw, 3}});
}

TEST_CASE("a reserve is not refused with a mode that is") {
  QueueStory story;
  story.fails(CallFailure::Kind::refused, "no such mode");
  story.fails(CallFailure::Kind::refused, "no such mode");
  story.at(0).send("B1/set", R"({"dispatch_mode": "load_following", "power_kw": 2})");
  story.send("B1/set/reserve_soc_pct", "25");
  story.check("battery_reserve_apart");
}

TEST_CASE("what was kept and no longer fits is named") {
  QueueStory story;
  story.at(0).send("B1/set", R"({"target_soc_pct": 25, "charge_power_kw": 3})");
  story.at(1).send("B1/set/reserve_soc_pct", "30");
  story.at(5).send("B1/set/dispatch_mode", "charge_to_state_of_charge");
  story.check("battery_kept_too_low");
}

TEST_CASE("as long as no state was read, a mode's setting alone cannot be placed") {
  model::Home home;
  home.apply(sample_inventory());
  MemoryDrafts drafts;
  Queue queue(
      home, [](const std::string& id) { return id; }, drafts);
  queue.on_message({"B1", "power_kw", "2", false, {}}, {});
  const auto results = queue.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].status == Status::refused);
  CHECK(
      results[0].error ==
      "which mode the battery is in has not been read yet: send dispatch_mode with power_kw, or try again in a minute");
}

struct Plan {
  const char* wishes;
  const char* expected;
};

TEST_CASE("each legal combination is one call, whatever the battery was in") {
  using model::Dispatch;
  using model::DispatchMode;
  const std::vector<Plan> plans{
      {R"({"dispatch_mode": "load_following", "power_kw": 5})", "load_following power 5"},
      {R"({"dispatch_mode": "charge_with_excess_solar", "charge_power_kw": 0.5})",
       "charge_with_excess_solar charge 0.5"},
      {R"({"dispatch_mode": "charge_to_state_of_charge", "charge_power_kw": 4, "target_soc_pct": 95})",
       "charge_to_state_of_charge charge 4 target 95"},
      {R"({"dispatch_mode": "discharge_to_state_of_charge", "discharge_power_kw": 1, "target_soc_pct": 22})",
       "discharge_to_state_of_charge discharge 1 target 22"},
      {R"({"dispatch_mode": "idle"})", "idle"},
      {R"({"dispatch_mode": "idle", "reserve_soc_pct": 12})", "reserve 12 idle"},
      {R"({"dispatch_mode": "charge_to_state_of_charge", "charge_power_kw": 4, "target_soc_pct": 55, "reserve_soc_pct": 50})",
       "reserve 50 charge_to_state_of_charge charge 4 target 55"},
      {R"({"reserve_soc_pct": 12})", "reserve 12"}};
  const std::vector<Dispatch> before{{DispatchMode::load_following, 3, {}, {}, {}},
                                     {DispatchMode::charge_with_excess_solar, {}, 3, {}, {}},
                                     {DispatchMode::charge_to_state_of_charge, {}, 3, {}, 70},
                                     {DispatchMode::discharge_to_state_of_charge, {}, {}, 3, 70},
                                     {DispatchMode::idle, {}, {}, {}, {}}};
  for (const Dispatch& from : before) {
    for (const Plan& plan : plans) {
      CAPTURE(word(from.mode));
      CAPTURE(plan.wishes);
      QueueStory story;
      std::get<model::BatteryState>(story.service.states.at(model::DeviceId("B1"))).dispatch = from;
      story.poll();
      story.at(0).send("B1/set", plan.wishes);
      story.at(40);
      unsigned updates = 0;
      for (const Request& call : story.calls) {
        if (!std::holds_alternative<UpdateBatteries>(call)) continue;
        ++updates;
        CHECK(told(call) == std::string("UpdateBatteries B1 ") + plan.expected);
      }
      CHECK(updates == 1);
      REQUIRE(story.results.size() == 2);
      CHECK((story.results[1].status == Status::confirmed || story.results[1].status == Status::unchanged));
    }
  }
}

}  // namespace
}  // namespace emporia::commands
