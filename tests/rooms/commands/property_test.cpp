#include <doctest/doctest.h>
#include <random>

#include "queue_story.hpp"
#include "runtime/text.hpp"

namespace emporia::commands {
namespace {

using Kind = CallFailure::Kind;

/// Throws random commands at a queue whose service answers at random speeds and fails now and then, and keeps the
/// books.
class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {
    story.silent = true;
    story.on_call = [this](const Request& request) { check_newest(request); };
  }

  int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool now_and_then() { return pick(0, 9) == 0; }

  /// Some settings of one device, as JSON; every command has an id of its own.
  void command(const std::string& device, const std::map<std::string, std::string>& settings) {
    const std::string id = std::to_string(++sent_);
    story.at(time_ += pick(0, 400) / 1000.0);
    story.latency = std::chrono::milliseconds(pick(1, 1500));
    if (failing && now_and_then()) story.fails(Kind::try_later, "the service does not answer");
    if (failing && now_and_then()) story.fails(Kind::refused, "the service does not want it");
    if (failing && now_and_then()) story.fails(Kind::unclear, "the reply cannot be understood");
    if (failing && now_and_then()) story.fails(Kind::over_budget, "the budget is used up", time_ + pick(1, 40));
    if (failing && now_and_then()) story.poll();
    std::string payload = "{";
    for (const auto& [setting, value] : settings) {
      latest_[{device, setting}] = {id, value};
      payload += runtime::concat("\"", setting, "\": ", value, ", ");
    }
    story.send(device + "/set", payload + "\"id\": " + id + "}");
  }

  /// Every command was accepted and then ended exactly once, or was turned down at once.
  void check_results() {
    story.at(time_ + 700);
    std::map<std::string, unsigned> accepted;
    std::map<std::string, unsigned> ended;
    for (const Result& result : story.results) {
      const std::string id = json::to_text(result.id);
      if (!is_final(result.status)) {
        CHECK(ended.count(id) == 0);
        ++accepted[id];
        continue;
      }
      CHECK(++ended[id] == 1);
      endings_[id] = result.status;
      const bool at_once = result.status == Status::refused || result.status == Status::offline;
      if (!at_once) CHECK(accepted.count(id) == 1);
    }
    CHECK(ended.size() == static_cast<std::size_t>(sent_));
    CHECK(story.queue.pending() == 0);
    CHECK(story.queue.next_deadline() == runtime::kNever);
  }

  /// The last command for a setting is never superseded, and what is said to stand does stand.
  void check_last_values() {
    for (const auto& [key, last] : latest_) {
      const Status status = endings_.at(last.first);
      CHECK(status != Status::superseded);
      if (status != Status::confirmed && status != Status::unchanged) continue;
      const auto setting = setting_named(key.second);
      const State& state = story.service.states.at(model::DeviceId(key.first));
      const Settings shown = shown_in(state, {{*setting, false}});
      CHECK(json::to_text(to_json(shown.at(*setting))) == last.second);
    }
  }

  QueueStory story;
  bool failing = false;

 private:
  /// What is sent to a charger is what the newest of the pending commands for that setting wants.
  void check_newest(const Request& request) {
    const auto* update = std::get_if<UpdateChargers>(&request);
    if (update == nullptr) return;
    std::map<std::string, json::Object> pending;
    for (const Result& result : story.results) {
      // Longer texts sort behind, so that 10 comes after 9.
      const std::string id = json::to_text(result.id);
      const std::string key = result.device + std::string(6 - id.size(), ' ') + id;
      if (is_final(result.status)) {
        pending.erase(key);
      } else {
        pending[key] = result.settings;
      }
    }
    for (const ChargerChange& change : update->changes) {
      std::map<std::string, json::Value> newest;
      for (const auto& [key, settings] : pending) {
        if (key.rfind(change.device.text(), 0) != 0) continue;
        for (const auto& [setting, value] : settings) newest[setting] = value;
      }
      if (change.on) CHECK(newest["on"] == json::Value(*change.on));
      if (change.charge_rate_a) CHECK(newest["charge_rate_a"] == json::Value(*change.charge_rate_a));
    }
  }

  std::mt19937 random_;
  double time_ = 0;
  int sent_ = 0;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> latest_;
  std::map<std::string, Status> endings_;
};

TEST_CASE("whatever comes in between, each command ends once and the last value stands") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Storm storm(seed);
    storm.failing = seed % 2 == 1;
    for (int i = 0; i < 60; ++i) {
      const std::string device = storm.pick(0, 1) == 0 ? "C1" : "C2";
      const int which = storm.pick(0, 2);
      std::map<std::string, std::string> settings;
      if (which != 0) settings["on"] = storm.pick(0, 1) == 0 ? "true" : "false";
      if (which != 1) settings["charge_rate_a"] = std::to_string(storm.pick(6, 40));
      storm.command(device, settings);
    }
    storm.check_results();
    storm.check_last_values();
  }
}

TEST_CASE("no field is sent that was not asked for") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    Storm storm(seed);
    storm.failing = seed % 2 == 1;
    // C1 is only told rates and C2 only on and off, in every interleaving.
    for (int i = 0; i < 40; ++i) {
      if (storm.pick(0, 1) == 0) {
        storm.command("C1", {{"charge_rate_a", std::to_string(storm.pick(6, 40))}});
      } else {
        storm.command("C2", {{"on", storm.pick(0, 1) == 0 ? "true" : "false"}});
      }
    }
    storm.check_results();
    for (const Request& call : storm.story.calls) {
      const auto* update = std::get_if<UpdateChargers>(&call);
      if (update == nullptr) continue;
      for (const ChargerChange& change : update->changes) {
        const bool rates_only = change.device.text() == "C1";
        CHECK(change.on.has_value() == !rates_only);
        CHECK(change.charge_rate_a.has_value() == rates_only);
      }
    }
    const auto& states = storm.story.service.states;
    CHECK(std::get<model::ChargerState>(states.at(model::DeviceId("C1"))).on == false);
    CHECK(std::get<model::ChargerState>(states.at(model::DeviceId("C2"))).charge_rate_a == 16u);
  }
}

TEST_CASE("a battery is never sent half a mode, nor a target below the reserve") {
  const std::vector<std::string> powers{"power_kw", "charge_power_kw", "discharge_power_kw"};
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Storm storm(seed);
    storm.failing = seed % 2 == 1;
    for (int i = 0; i < 60; ++i) {
      std::map<std::string, std::string> settings;
      for (const std::string& power : powers) {
        if (storm.now_and_then()) settings[power] = std::to_string(storm.pick(1, 5));
      }
      if (storm.pick(0, 3) == 0) settings["target_soc_pct"] = std::to_string(storm.pick(10, 100));
      if (storm.pick(0, 3) == 0) settings["reserve_soc_pct"] = std::to_string(storm.pick(1, 40));
      const auto mode = dispatch_modes()[static_cast<std::size_t>(storm.pick(0, 4))];
      if (settings.empty() || storm.pick(0, 3) == 0) {
        settings["dispatch_mode"] = std::string("\"") + model::word(mode) + "\"";
      }
      storm.command("B1", settings);
    }
    storm.check_results();
    for (const Request& call : storm.story.calls) {
      const auto* update = std::get_if<UpdateBatteries>(&call);
      if (update == nullptr) continue;
      REQUIRE(update->changes.size() == 1);
      const BatteryChange& change = update->changes[0];
      CHECK((change.reserve_soc_pct || change.dispatch));
      if (!change.dispatch) continue;
      for (const char* name : {"power_kw", "charge_power_kw", "discharge_power_kw", "target_soc_pct"}) {
        const Setting setting = *setting_named(name);
        CHECK(value_in(*change.dispatch, setting).has_value() == uses(change.dispatch->mode, setting));
      }
      if (change.reserve_soc_pct && change.dispatch->target_soc_pct) {
        CHECK(*change.dispatch->target_soc_pct >= *change.reserve_soc_pct);
      }
    }
  }
}

}  // namespace
}  // namespace emporia::commands
