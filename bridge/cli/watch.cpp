#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <unistd.h>
#include <utility>
#include <variant>

#include "app/own_devices.hpp"
#include "cli/broker.hpp"
#include "cli/commands.hpp"
#include "cli/home_text.hpp"
#include "cli/home_view.hpp"
#include "cli/terminal.hpp"
#include "mqtt/paho_link.hpp"
#include "runtime/backoff.hpp"
#include "runtime/inbox.hpp"
#include "runtime/log.hpp"
#include "runtime/signals.hpp"
#include "runtime/text.hpp"

namespace emporia::cli {
namespace {

using namespace std::chrono_literals;
using Event = std::variant<mqtt::LinkEvent, runtime::Signal>;

// Ages are shown, so that the picture moves even when nothing comes.
constexpr auto kDrawEvery = 1s;
// The retained messages come in a burst; one frame for all of them.
constexpr auto kDrawSoon = 50ms;
// Into a file or a pipe, where every picture stays.
constexpr auto kPrintEvery = 10s;
// Time for the retained messages to come, so that the first picture is worth keeping.
constexpr auto kFirstPrint = 2s;
constexpr auto kFirstPause = 1s;
constexpr auto kLongestPause = 15s;

/// Follows the broker and decides what is to be shown when; ends by itself when asked for one picture.
class Watcher {
 public:
  Watcher(mqtt::Link& link, const settings::Settings& settings, const Watch& command, runtime::Now now)
      : link_(link),
        broker_(runtime::concat(settings.mqtt.host, ":", settings.mqtt.port)),
        base_topic_(settings.mqtt.base_topic),
        command_(command),
        view_(app::topics_of(settings), settings.devices.names),
        limit_(command.once ? now.steady + std::chrono::seconds{command.timeout_s} : runtime::kNever),
        pauses_(kFirstPause, kLongestPause, static_cast<std::uint64_t>(::getpid())) {
    trouble_ = "connecting to the broker " + broker_;
    draw_at_ = now.steady;
    link_.connect();
    if (!command.once && output_is_terminal()) screen_.emplace();
    if (!screen_) draw_at_ += kFirstPrint;
  }

  void handle(const Event& event, runtime::Now now);
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const { return std::min({connect_at_, draw_at_, limit_}); }
  const std::optional<app::ExitCode>& finished() const { return finished_; }

 private:
  void take(const mqtt::LinkEvent& event, runtime::Now now);
  void went_down(const mqtt::LinkDown& down, runtime::Now now);
  void show(runtime::Now now);
  void print(const std::vector<std::string>& lines);
  void give_up();
  std::vector<std::string> text(runtime::Now now) const;

  mqtt::Link& link_;
  std::string broker_;
  std::string base_topic_;
  Watch command_;
  HomeView view_;
  std::optional<Screen> screen_;
  std::string trouble_;
  runtime::SteadyTime limit_;
  runtime::SteadyTime connect_at_ = runtime::kNever;
  runtime::SteadyTime draw_at_ = runtime::kNever;
  runtime::SteadyTime printed_at_;
  std::vector<std::string> printed_;
  runtime::Backoff pauses_;
  std::optional<app::ExitCode> finished_;
};

void Watcher::handle(const Event& event, runtime::Now now) {
  if (std::holds_alternative<runtime::Signal>(event)) {
    // Also when the terminal goes away. One picture that was not seen is no success.
    finished_ = command_.once ? app::ExitCode::internal : app::ExitCode::ok;
    return;
  }
  take(std::get<mqtt::LinkEvent>(event), now);
}

void Watcher::take(const mqtt::LinkEvent& event, runtime::Now now) {
  if (std::holds_alternative<mqtt::LinkUp>(event)) {
    view_.forget();
    pauses_.reset();
    trouble_.clear();
    std::vector<mqtt::Subscription> subscriptions;
    for (const std::string& filter : view_.filters()) subscriptions.push_back({filter, false, false});
    link_.subscribe(subscriptions);
  } else if (const auto* down = std::get_if<mqtt::LinkDown>(&event)) {
    went_down(*down, now);
  } else if (const auto* received = std::get_if<mqtt::Received>(&event)) {
    view_.take(received->message);
  }
  if (screen_) draw_at_ = std::min(draw_at_, now.steady + kDrawSoon);
}

void Watcher::went_down(const mqtt::LinkDown& down, runtime::Now now) {
  trouble_ = runtime::concat("broker ", broker_, ": ", down.reason);
  if (command_.once) {
    std::cerr << "emporia2mqtt: " << runtime::without_secrets(trouble_) << '\n';
    finished_ = app::ExitCode::internal;
    return;
  }
  connect_at_ = now.steady + pauses_.next();
  trouble_ += "; trying again";
}

void Watcher::on_time(runtime::Now now) {
  if (finished_) return;
  if (now.steady >= connect_at_) {
    connect_at_ = runtime::kNever;
    link_.connect();
  }
  if (command_.once) {
    if (view_.missing().empty()) {
      print(text(now));
      finished_ = app::ExitCode::ok;
    } else if (now.steady >= limit_) {
      give_up();
    }
    draw_at_ = runtime::kNever;
    return;
  }
  if (now.steady < draw_at_) return;
  show(now);
  draw_at_ = now.steady + kDrawEvery;
}

std::vector<std::string> Watcher::text(runtime::Now now) const {
  Frame frame;
  frame.columns = screen_size().columns;
  frame.colour = output_takes_colour();
  frame.trouble = runtime::without_secrets(trouble_);
  if (screen_) {
    frame.rows = screen_size().rows;
    frame.hint = runtime::concat("broker ", broker_, "   topics ", base_topic_, "/#   ctrl-C ends");
  }
  return home_text(view_, frame, now.system);
}

void Watcher::show(runtime::Now now) {
  const std::vector<std::string> lines = text(now);
  if (screen_) return screen_->draw(lines);
  if (lines == printed_ || (!printed_.empty() && now.steady - printed_at_ < kPrintEvery)) return;
  if (!printed_.empty()) std::cout << '\n';
  print(lines);
  printed_ = lines;
  printed_at_ = now.steady;
}

void Watcher::print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::cout << line << '\n';
  std::cout.flush();
}

void Watcher::give_up() {
  constexpr std::size_t kMostLines = 20;
  const std::vector<std::string> missing = view_.missing();
  std::cerr << "emporia2mqtt: no complete picture at " << broker_ << " within " << command_.timeout_s << " s:\n";
  if (!trouble_.empty()) std::cerr << "  " << runtime::without_secrets(trouble_) << '\n';
  const std::size_t shown = std::min(missing.size(), kMostLines);
  for (std::size_t index = 0; index < shown; ++index) std::cerr << "  " << missing[index] << '\n';
  if (shown < missing.size()) std::cerr << "  and " << missing.size() - shown << " more\n";
  finished_ = app::ExitCode::internal;
}

}  // namespace

app::ExitCode watch(const Watch& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  // A line of the log would stand in the middle of the picture.
  if (!command.once && output_is_terminal()) runtime::set_log_level(runtime::LogLevel::error);
  if (command.once && settings->log.level < runtime::LogLevel::warning)
    runtime::set_log_level(runtime::LogLevel::warning);
  runtime::Inbox<Event> inbox;
  const runtime::Signals signals([&inbox](runtime::Signal signal) { inbox.post(signal); });
  mqtt::PahoLink link(command_link_options(*settings, "watch"),
                      [&inbox](mqtt::LinkEvent event) { inbox.post(std::move(event)); });
  Watcher watcher(link, *settings, command, runtime::read_clock());
  while (!watcher.finished()) {
    for (const Event& event : inbox.take_until(watcher.next_deadline())) watcher.handle(event, runtime::read_clock());
    watcher.on_time(runtime::read_clock());
  }
  link.disconnect();
  return *watcher.finished();
}

}  // namespace emporia::cli
