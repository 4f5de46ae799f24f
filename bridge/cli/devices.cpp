#include <algorithm>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/asking.hpp"
#include "cli/commands.hpp"
#include "cli/device_list.hpp"
#include "cli/terminal.hpp"
#include "json/value.hpp"
#include "runtime/log.hpp"

namespace emporia::cli {
namespace {

using model::DeviceModel;
using partner::StateKind;

struct Kind {
  DeviceModel device_model;
  StateKind states;
};
constexpr Kind kKinds[] = {{DeviceModel::outlet, StateKind::outlets},
                           {DeviceModel::ev_charger, StateKind::ev_chargers},
                           {DeviceModel::battery, StateKind::batteries},
                           {DeviceModel::utility_connect, StateKind::utility_connects}};

void take(std::vector<partner::Answer>& answers, DeviceList& list) {
  for (partner::Answer& answer : answers) {
    if (auto* inventory = std::get_if<partner::Inventory>(&answer)) {
      for (model::Device& device : inventory->devices) list.add(std::move(device));
    }
    if (const auto* states = std::get_if<partner::States>(&answer)) {
      for (const partner::DeviceState& state : states->states) list.add(state);
    }
  }
}

/// Nothing when all went well.
std::optional<NoAnswer> read(Asking& asking, const settings::Settings& settings, bool no_wait, DeviceList& list) {
  const Asking::OnWait on_wait = tell_waiting(asking, no_wait);
  auto inventory = asking.ask(partner::ListDevices{settings.partner.customers}, on_wait);
  if (!inventory) return inventory.error();
  take(inventory.value(), list);
  for (const Kind& kind : kKinds) {
    std::vector<model::DeviceId> ids = list.ids_of(kind.device_model);
    if (ids.empty()) continue;
    auto states = asking.ask(partner::ListStates{kind.states, std::move(ids)}, on_wait);
    if (!states) return states.error();
    take(states.value(), list);
  }
  return std::nullopt;
}

}  // namespace

app::ExitCode devices(const Devices& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  runtime::set_log_level(runtime::LogLevel::error);
  Ears ears;
  Asking asking(*settings, ears);
  tell_alone(asking);
  DeviceList list(settings->devices);
  const auto trouble = read(asking, *settings, command.no_wait, list);
  // What has been read is worth showing, but a program must not take a part for the whole.
  if (!trouble || (!command.json && !list.empty())) {
    if (command.json) {
      std::cout << json::to_text(list.to_json()) << '\n';
    } else {
      for (const std::string& line :
           list.to_lines(output_is_terminal() ? screen_size().columns : 0, output_takes_colour())) {
        std::cout << line << '\n';
      }
    }
  }
  if (!trouble) return app::ExitCode::ok;
  std::cerr << "emporia2mqtt: " << runtime::without_secrets(trouble->text) << '\n';
  return exit_code(trouble->why);
}

}  // namespace emporia::cli
