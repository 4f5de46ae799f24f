#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "app/own_devices.hpp"
#include "cli/broker.hpp"
#include "cli/cells.hpp"
#include "cli/commands.hpp"
#include "cli/home_view.hpp"
#include "cli/which_device.hpp"
#include "commands/command.hpp"
#include "commands/setting.hpp"
#include "json/value.hpp"
#include "mqtt/topic_tree.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "settings/nearest.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using runtime::concat;

struct Trouble {
  std::string text;
  ExitCode exit_code = ExitCode::usage;
};

struct Outcome {
  /// A word of commands::word(Status).
  std::string status;
  std::string error;
  std::string note;
  std::string settings;
};

ExitCode exit_code(const std::string& status) {
  const std::pair<const char*, ExitCode> kCodes[] = {
      {"confirmed", ExitCode::ok},        {"unchanged", ExitCode::ok},      {"refused", ExitCode::refused},
      {"offline", ExitCode::unavailable}, {"timeout", ExitCode::try_later}, {"superseded", ExitCode::try_later}};
  for (const auto& [word, code] : kCodes) {
    if (status == word) return code;
  }
  return ExitCode::internal;
}

std::optional<Outcome> read_outcome(const std::string& payload, const std::string& id) {
  const auto parsed = json::parse(payload);
  if (!parsed) return std::nullopt;
  const json::Value* told_id = parsed.value().find("id");
  if (told_id == nullptr || told_id->as_string() == nullptr || *told_id->as_string() != id) return std::nullopt;
  Outcome outcome;
  const auto text = [&](const char* key) {
    const json::Value* value = parsed.value().find(key);
    return value == nullptr || value->as_string() == nullptr ? std::string() : *value->as_string();
  };
  outcome.status = text("status");
  outcome.error = text("error");
  outcome.note = text("note");
  if (const json::Value* settings = parsed.value().find("settings")) outcome.settings = json::to_text(*settings);
  return outcome;
}

/// The setting of the typed word, if the device has it.
std::optional<Trouble> check_setting(const std::string& typed, const DeviceView& device) {
  std::vector<std::string_view> words;
  for (const commands::Setting setting : commands::settings_of(device.model))
    words.emplace_back(commands::word(setting));
  // What a model newer than this program takes is for the bridge to say.
  if (device.model == model::DeviceModel::unknown || std::find(words.begin(), words.end(), typed) != words.end())
    return {};
  if (words.empty()) {
    return Trouble{concat("nothing can be set of ", device.name, ", a ", model::product_name(device.model)),
                   ExitCode::unknown};
  }
  const std::string_view near = settings::nearest(typed, words);
  return Trouble{concat("no setting ", settings::in_quotes(typed), " of ", device.name,
                        near.empty() ? concat(": there are ", settings::listed(words, "and", false))
                                     : concat("; did you mean ", settings::in_quotes(near), "?")),
                 ExitCode::unknown};
}

class Setter {
 public:
  Setter(const Set& command, const settings::Settings& settings, Broker& broker)
      : command_(command),
        settings_(settings),
        broker_(broker),
        topics_(app::topics_of(settings)),
        id_(concat("set-", static_cast<std::int64_t>(::getpid()))) {}

  /// Prints the outcome, or tells why there is none.
  std::optional<Trouble> carry_out(ExitCode& code) {
    if (!broker_.connect()) return of_broker();
    const auto device = find_device();
    if (!device) return device.error();
    if (auto wrong = check_setting(command_.setting, device.value())) return wrong;
    if (auto failed = send(device.value())) return failed;
    const auto outcome = wait();
    if (!outcome) return outcome.error();
    print(device.value(), outcome.value());
    code = exit_code(outcome.value().status);
    return std::nullopt;
  }

 private:
  Trouble of_broker() const { return {broker_.trouble()->text, broker_.trouble()->exit_code}; }

  runtime::Result<DeviceView, Trouble> find_device() {
    HomeView view(topics_, settings_.devices.names);
    std::map<std::string, std::string> retained;
    if (!broker_.read_retained({topics_.bridge("state"), topics_.bridge("devices")}, retained)) {
      return runtime::Failure{of_broker()};
    }
    for (const auto& [topic, payload] : retained) {
      mqtt::Message message;
      message.topic = topic;
      message.payload = payload;
      view.take(message);
    }
    if (!view.running()) {
      return runtime::Failure{
          Trouble{concat("no bridge runs with base topic ", topics_.base(), " at ", broker_.where(),
                         ": start it with emporia2mqtt run; it is the bridge that carries this out"),
                  ExitCode::unavailable}};
    }
    std::vector<NamedDevice> names;
    const std::vector<DeviceView> devices = view.devices();
    names.reserve(devices.size());
    for (const DeviceView& device : devices) names.push_back({device.id, device.name});
    const auto found = which_device(names, command_.device);
    if (!found) return runtime::Failure{Trouble{found.error(), ExitCode::unknown}};
    return *std::find_if(devices.begin(), devices.end(),
                         [&](const DeviceView& device) { return device.id == found.value().id; });
  }

  std::optional<Trouble> send(const DeviceView& device) {
    mqtt::Message message;
    message.topic = topics_.device(device.id, "set/" + command_.setting);
    message.payload = json::to_text(json::Object{{"value", command_.value}, {"id", id_}});
    // Not by MQTT 5's response topic, which would have to lie where access rules seldom let anybody in.
    broker_.subscribe({topics_.device(device.id, "result")});
    if (broker_.publish(message)) return std::nullopt;
    if (broker_.trouble()) return of_broker();
    return Trouble{concat("the broker does not let this user write to ", message.topic, ": check its access rules"),
                   ExitCode::unavailable};
  }

  runtime::Result<Outcome, Trouble> wait() {
    // The bridge ends every command by its deadline; the rest is for the way there and back.
    constexpr std::chrono::seconds kForTheWay{5};
    const std::chrono::seconds patience = std::chrono::seconds{settings_.commands.deadline_s} + kForTheWay;
    const auto limit = runtime::read_clock().steady + patience;
    while (const auto received = broker_.next(limit)) {
      const auto outcome = read_outcome(received->message.payload, id_);
      if (outcome && outcome->status != "accepted") return *outcome;
    }
    if (broker_.trouble()) return runtime::Failure{of_broker()};
    return runtime::Failure{Trouble{concat("no result came within ", patience.count(),
                                           " s: look at the bridge's log; the command may be carried out all the same"),
                                    ExitCode::try_later}};
  }

  void print(const DeviceView& device, const Outcome& outcome) const {
    const bool ok = exit_code(outcome.status) == ExitCode::ok;
    std::string sentence = concat(device.name, ": ", command_.setting, " ");
    if (outcome.status == "confirmed") sentence += concat("is set: ", outcome.settings);
    if (outcome.status == "unchanged") sentence += concat("was so already: ", outcome.settings);
    if (!ok) sentence += concat(outcome.status, outcome.error.empty() ? "" : ": ", outcome.error);
    if (!outcome.note.empty()) sentence += concat(" (", outcome.note, ")");
    (ok ? std::cout : std::cerr << "emporia2mqtt: ") << runtime::without_secrets(sentence) << std::endl;
  }

  const Set& command_;
  const settings::Settings& settings_;
  Broker& broker_;
  mqtt::TopicTree topics_;
  /// Ours among the results of all.
  std::string id_;
};

}  // namespace

ExitCode set(const Set& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return ExitCode::configuration;
  runtime::set_log_level(runtime::LogLevel::error);
  Ears ears;
  Broker broker(*settings, ears, "set");
  Setter setter(command, *settings, broker);
  ExitCode code = ExitCode::ok;
  const auto trouble = setter.carry_out(code);
  if (!trouble) return code;
  std::cerr << "emporia2mqtt: " << runtime::without_secrets(trouble->text) << '\n';
  return trouble->exit_code;
}

}  // namespace emporia::cli
