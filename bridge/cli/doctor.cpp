#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include "app/daemon.hpp"
#include "app/own_devices.hpp"
#include "app/service_look.hpp"
#include "cli/asking.hpp"
#include "cli/broker.hpp"
#include "cli/cells.hpp"
#include "cli/commands.hpp"
#include "cli/home_assistant.hpp"
#include "cli/terminal.hpp"
#include "mqtt/topic_tree.hpp"
#include "partner/grpc_gateway.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using runtime::concat;

/// Prints a line a step, and remembers how the first that failed ends the program.
class Report {
 public:
  bool ok(const char* step, const std::string& text) { return line("ok", Style::good, step, text); }
  bool skipped(const char* step, const std::string& why) { return !line("skipped", Style::warning, step, why); }
  bool failed(const char* step, const std::string& text, ExitCode code) {
    if (exit_code_ == ExitCode::ok) exit_code_ = code;
    return !line("failed", Style::bad, step, text);
  }
  ExitCode exit_code() const { return exit_code_; }

 private:
  /// One line; on a terminal that is too narrow for it, broken between words.
  bool line(const char* word, Style style, const char* step, const std::string& text) {
    constexpr std::size_t kWordColumns = 9;
    constexpr std::size_t kStepColumns = 15;
    constexpr std::size_t kBefore = kWordColumns + kStepColumns;
    constexpr std::size_t kUnbroken = 4000;
    constexpr std::size_t kLeast = 40;
    const std::size_t columns = output_is_terminal() ? std::max(screen_size().columns, kBefore + kLeast) : kUnbroken;
    Line spans = {{left_aligned(word, kWordColumns), style}, {left_aligned(step, kStepColumns)}};
    for (const std::string& part : wrapped(runtime::without_secrets(text), columns - kBefore)) {
      spans.push_back({part});
      std::cout << to_text(spans, columns, output_takes_colour()) << '\n';
      spans = {{std::string(kBefore, ' ')}};
    }
    std::cout.flush();
    return true;
  }
  ExitCode exit_code_ = ExitCode::ok;
};

void examine_state(const settings::Settings& settings, const Asking& asking, Report& report) {
  constexpr std::uintmax_t kLittleRoom = 20'000'000;
  const std::string& directory = settings.state.directory;
  if (!asking.alone_because().empty()) {
    report.failed("state",
                  concat(asking.alone_because(),
                         ": run the doctor as the user the bridge runs as, and let that user write ", directory),
                  ExitCode::state_unusable);
    return;
  }
  std::error_code error;
  const auto room = std::filesystem::space(directory, error);
  if (!error && room.available < kLittleRoom) {
    report.failed("state", concat(directory, " has ", room.available / 1'000'000, " MB of room left: make some"),
                  ExitCode::state_unusable);
    return;
  }
  report.ok("state", concat(directory, " can be written; ", asking.calls_used(), " of ", asking.calls_allowed(),
                            " calls of this hour made"));
}

/// The way to the service as far as the certificate, without a call.
bool examine_way(const settings::Partner& partner, Report& report) {
  using Stage = mqtt::Look::Stage;
  const mqtt::Look look = app::look_at_service(partner, {});
  const char* const kWay = partner.plaintext ? "service port" : "service TLS";
  if (look.stage == Stage::name) {
    report.failed("service name", look.why.reason, ExitCode::unavailable);
    return report.skipped(kWay, "needs the name");
  }
  report.ok("service name", concat(partner.endpoint.substr(0, partner.endpoint.rfind(':')), " is found"));
  if (look.stage != Stage::through) return report.failed(kWay, look.why.reason, ExitCode::unavailable);
  return report.ok(kWay, partner.plaintext ? concat(partner.endpoint, " answers, without TLS as configured")
                                           : concat(partner.endpoint, " answers and its certificate is right"));
}

void examine_service(const settings::Settings& settings, Asking& asking, Report& report) {
  if (!examine_way(settings.partner, report)) {
    report.skipped("sign-in", "needs the service");
    report.skipped("devices", "needs the sign-in");
    return;
  }
  auto answers = asking.ask(partner::ListDevices{settings.partner.customers});
  if (!answers && !asking.signed_in()) {
    const NoAnswer& no = answers.error();
    if (no.why == NoAnswer::Why::budget_spent) {
      report.skipped("sign-in", no.text);
    } else {
      report.failed("sign-in", no.text, exit_code(no.why));
    }
    report.skipped("devices", "needs the sign-in");
    return;
  }
  report.ok("sign-in", concat("as ", settings.partner.email));
  if (!answers) {
    const NoAnswer& no = answers.error();
    if (no.why == NoAnswer::Why::budget_spent) {
      report.skipped("devices", no.text);
    } else {
      report.failed("devices", no.text, exit_code(no.why));
    }
    return;
  }
  std::size_t devices = 0;
  std::size_t shown = 0;
  std::size_t connected = 0;
  for (const partner::Answer& answer : answers.value()) {
    for (const model::Device& device : std::get<partner::Inventory>(answer).devices) {
      ++devices;
      if (!settings::wanted(settings.devices, device.id.text(), model::word(device.model))) continue;
      ++shown;
      if (device.connected) ++connected;
    }
  }
  if (devices == 0) {
    report.failed(
        "devices",
        "the account has none: add the customers' devices in the partner portal, or check [partner] customers",
        ExitCode::unknown);
    return;
  }
  report.ok("devices", concat(devices, " in the account, ", shown, " to be shown, ", connected, " of these connected"));
}

/// Publishes to a topic that nobody keeps and waits until it comes back.
bool comes_back(Broker& broker, const std::string& topic, const std::string& payload) {
  constexpr std::chrono::seconds kPatience{5};
  mqtt::Message message;
  message.topic = topic;
  message.payload = payload;
  if (!broker.subscribe({topic}) || !broker.publish(message)) return false;
  const auto limit = runtime::read_clock().steady + kPatience;
  while (const auto received = broker.next(limit)) {
    if (received->message.topic == topic && received->message.payload == payload) return true;
  }
  return false;
}

void examine_topic(Broker& broker, const char* step, const std::string& topic, const std::string& payload,
                   const std::string& tree, Report& report) {
  if (comes_back(broker, topic, payload)) {
    report.ok(step, concat("a message to ", topic, " came back"));
    return;
  }
  const std::string remedy = concat("let the broker's user read and write ", tree, "/#");
  if (!broker.trouble()) {
    report.failed(step, concat("a message to ", topic, " did not come back: ", remedy), ExitCode::unavailable);
  } else if (broker.trouble()->exit_code == ExitCode::interrupted) {
    report.failed(step, broker.trouble()->text, ExitCode::interrupted);
  } else {
    // Some brokers end the connection over a message that they refuse, mosquitto 2.0.11 now and then.
    report.failed(step, concat(broker.trouble()->text, "; over the message to ", topic, ", so ", remedy),
                  broker.trouble()->exit_code);
  }
}

void examine_bridge(Broker& broker, const mqtt::TopicTree& topics, Report& report) {
  std::map<std::string, std::string> retained;
  if (!broker.read_retained({topics.bridge("state")}, retained)) {
    report.skipped("bridge", "not looked for");
  } else if (retained[topics.bridge("state")] == "online") {
    report.ok("bridge", concat("one runs with base topic ", topics.base()));
  } else {
    report.skipped("bridge", concat("none runs with base topic ", topics.base(), ": start it with emporia2mqtt run"));
  }
}

void examine_broker(const settings::Settings& settings, Ears& ears, Report& report) {
  const mqtt::TopicTree topics = app::topics_of(settings);
  const bool announces = settings.homeassistant.enabled;
  Broker broker(settings, ears, "doctor");
  if (!broker.connect()) {
    report.failed("broker", broker.trouble()->text, broker.trouble()->exit_code);
    for (const char* step : {"publish", "bridge", "discovery"}) report.skipped(step, "needs the broker");
    return;
  }
  report.ok("broker", concat(broker.where(), " lets us in, ", settings.mqtt.tls ? "with" : "without", " TLS"));
  examine_topic(broker, "publish", topics.bridge("doctor"), broker.client_id(), topics.base(), report);
  examine_bridge(broker, topics, report);
  if (announces) {
    // Empty: Home Assistant takes it for the removal of a device that it does not know.
    examine_topic(broker, "discovery", topics.discovery("emporia_doctor"), "", topics.prefix(), report);
  } else {
    report.skipped("discovery", "[homeassistant] enabled = false");
  }
}

/// The sign-in, and whether the token's user may do what is needed: to remove nothing takes an administrator, too.
void examine_statistics(const settings::Statistics& statistics, Ears& ears, Report& report) {
  if (!statistics.enabled) return;
  HomeAssistant home(statistics, ears);
  if (const auto opened = home.open(); !opened) {
    report.failed("statistics", opened.error().text, opened.error().exit_code);
    return;
  }
  const auto allowed = home.ask({{"type", "recorder/clear_statistics"}, {"statistic_ids", json::Array{}}});
  if (!allowed) {
    report.failed("statistics", allowed.error().text, allowed.error().exit_code);
    return;
  }
  report.ok("statistics", concat("Home Assistant ", home.version(), " lets us in as an administrator"));
}

}  // namespace

ExitCode doctor(const Doctor& command) {
  Report report;
  const auto settings = load_settings(command.config);
  if (!settings) {
    report.failed("configuration", concat("correct ", command.config, " as told above"), ExitCode::configuration);
    return report.exit_code();
  }
  // What fails is told in the report.
  runtime::set_log_level(runtime::LogLevel::error);
  report.ok("configuration", concat(command.config, " is right"));
  Ears ears;
  try {
    Asking asking(*settings, ears);
    examine_state(*settings, asking, report);
    examine_service(*settings, asking, report);
  } catch (const std::runtime_error& error) {
    report.failed("service", error.what(), ExitCode::configuration);
  }
  try {
    examine_broker(*settings, ears, report);
  } catch (const std::runtime_error& error) {
    report.failed("broker", error.what(), ExitCode::configuration);
  }
  try {
    examine_statistics(settings->statistics, ears, report);
  } catch (const std::runtime_error& error) {
    report.failed("statistics", error.what(), ExitCode::configuration);
  }
  return report.exit_code();
}

}  // namespace emporia::cli
