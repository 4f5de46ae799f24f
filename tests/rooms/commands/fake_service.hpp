#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "commands/battery.hpp"
#include "commands/call.hpp"
#include "sample_home.hpp"

namespace emporia::commands {

/// Where drafts are kept in tests; outlives the queue as a file would.
struct MemoryDrafts : DraftStore {
  KeptSettings load(const model::DeviceId& id) override { return rows[id]; }
  void save(const model::DeviceId& id, const KeptSettings& kept) override { rows[id] = kept; }
  std::map<model::DeviceId, KeptSettings> rows;
};

/// What the service knows and how it answers. By the contract: an Update's reply holds the devices it changed, with
/// their whole state; those that already were so or are not connected are left out.
class FakeService {
 public:
  FakeService() {
    for (const auto& state : sample_states().states) {
      std::visit([this](const auto& told) { put(told); }, state);
    }
  }
  Outcome answer(const Request& request) {
    if (!failures.empty()) {
      const CallFailure failure = failures.front();
      failures.pop_front();
      return runtime::Failure{failure};
    }
    return std::visit([this](const auto& asked) { return this->carry_out(asked); }, request);
  }

  /// Answers to the next calls instead of carrying them out.
  std::deque<CallFailure> failures;
  std::set<std::string> disconnected;
  /// An Update that names one of these is refused as a whole.
  std::map<std::string, std::string> refused;
  /// Updates of these are taken and come to nothing.
  std::set<std::string> deaf;
  std::map<model::DeviceId, State> states;

 private:
  void put(const model::UtilityConnectState&) {}
  template <typename Told>
  void put(const Told& told) {
    states.insert_or_assign(told.device, told);
  }

  static void change(model::OutletState& state, const OutletChange& wanted) { state.on = wanted.on; }
  static void change(model::ChargerState& state, const ChargerChange& wanted) {
    if (wanted.on) state.on = wanted.on;
    if (wanted.charge_rate_a) state.charge_rate_a = wanted.charge_rate_a;
  }
  static void change(model::BatteryState& state, const BatteryChange& wanted) {
    if (wanted.reserve_soc_pct) state.reserve_soc_pct = wanted.reserve_soc_pct;
    if (wanted.dispatch) state.dispatch = wanted.dispatch;
  }
  template <typename Told, typename Change>
  Outcome update(const std::vector<Change>& changes) {
    std::vector<State> reply;
    for (const Change& wanted : changes) {
      const auto found = refused.find(wanted.device.text());
      if (found != refused.end()) {
        return runtime::Failure{CallFailure{CallFailure::Kind::refused, found->second, std::nullopt}};
      }
    }
    for (const Change& wanted : changes) {
      auto& state = std::get<Told>(states.at(wanted.device));
      const Told before = state;
      if (disconnected.count(wanted.device.text()) + deaf.count(wanted.device.text()) == 0) change(state, wanted);
      if (!(state == before)) reply.emplace_back(state);
    }
    return reply;
  }
  Outcome carry_out(const UpdateOutlets& asked) { return update<model::OutletState>(asked.changes); }
  Outcome carry_out(const UpdateChargers& asked) { return update<model::ChargerState>(asked.changes); }
  Outcome carry_out(const UpdateBatteries& asked) { return update<model::BatteryState>(asked.changes); }
  Outcome carry_out(const ReadBack& asked) {
    std::vector<State> reply;
    for (const model::DeviceId& id : asked.devices) {
      State state = states.at(id);
      auto* told = std::get_if<model::BatteryState>(&state);
      if (told != nullptr && disconnected.count(id.text()) != 0) told->soc_pct.reset();
      reply.push_back(state);
    }
    return reply;
  }
  Outcome carry_out(const ReadInventory&) { return std::vector<State>{}; }
};

}  // namespace emporia::commands
