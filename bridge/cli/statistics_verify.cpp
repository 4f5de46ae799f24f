#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "app/statistics_source.hpp"
#include "app/utc.hpp"
#include "cli/home_assistant.hpp"
#include "cli/moments.hpp"
#include "cli/progress.hpp"
#include "cli/statistics.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "statistics/messages.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using model::UtcSeconds;
using runtime::concat;
using statistics::Kind;

constexpr std::size_t kRowsInAnAnswer = 10'000;
constexpr std::size_t kMostShown = 20;

/// What was found of one series.
struct Found {
  std::size_t equal = 0;
  std::size_t missing = 0;
  std::size_t different = 0;
  /// The sum does not rise by the hour's energy.
  std::size_t jumps = 0;
  std::vector<std::string> lines;

  bool sound() const { return missing + different + jumps == 0; }
  void tell(UtcSeconds start, const std::string& text) {
    if (lines.size() < kMostShown) lines.push_back(concat("  ", runtime::iso8601(start), "  ", text));
  }
};

std::string kwh(double value) {
  return concat(json::rounded(value, 6), " kWh");
}
std::string watts(double value) {
  return concat(json::rounded(value, 3), " W");
}

void compare(Found& found, const ledger::NamedSeries& series, const std::map<UtcSeconds, ledger::Hour>& book,
             const statistics::HeldHours& held) {
  const Kind kind = series.power ? Kind::power : Kind::energy;
  for (const auto& [start, hour] : book) {
    const auto value = app::value_of(series, hour);
    if (!value) continue;
    const auto there = held.find(start);
    if (there == held.end()) {
      ++found.missing;
      found.tell(start, "is not at Home Assistant");
    } else if (statistics::same(kind, *value, there->second)) {
      ++found.equal;
    } else {
      ++found.different;
      found.tell(start, kind == Kind::power ? concat("ledger ", watts(value->power.mean_w), ", Home Assistant ",
                                                     watts(there->second.power.mean_w))
                                            : concat("ledger ", kwh(ledger::to_wh(value->energy) / 1e3),
                                                     ", Home Assistant ", kwh(there->second.state_kwh)));
    }
  }
}

void check_sums(Found& found, const statistics::HeldHours& held) {
  constexpr double kClose = 1e-5;
  for (auto row = held.begin(); row != held.end() && std::next(row) != held.end(); ++row) {
    const auto& next = *std::next(row);
    const double step = next.second.sum_kwh - row->second.sum_kwh;
    if (std::fabs(step - next.second.state_kwh) < kClose) continue;
    ++found.jumps;
    found.tell(next.first,
               concat("the sum rises by ", kwh(step), " and not by the hour's ", kwh(next.second.state_kwh)));
  }
}

/// Of one device: its series, and the hours that should stand at Home Assistant.
struct Task {
  model::DeviceId device;
  std::vector<ledger::NamedSeries> series;
  UtcSeconds from;
  UtcSeconds until;
};

std::vector<Task> tasks_of(const std::string& path, UtcSeconds from) {
  const auto reader = open_reader(path);
  std::map<model::DeviceId, Task> tasks;
  for (ledger::NamedSeries& entry : reader->series()) tasks[entry.device].series.push_back(std::move(entry));
  std::vector<Task> list;
  for (auto& [id, task] : tasks) {
    const auto account = reader->accounts().find(id);
    if (account == reader->accounts().end()) continue;
    task.device = id;
    task.from = std::max(reader->first_hour(account->second), from);
    task.until =
        std::min(reader->due_from(account->second), model::bucket_start(account->second.newest(), model::Scale::hours));
    if (task.from < task.until) list.push_back(std::move(task));
  }
  return list;
}

class Verify {
 public:
  Verify(HomeAssistant& home, std::string path) : home_(home), path_(std::move(path)) {}

  Ended compare_all(const std::vector<Task>& tasks) {
    for (const Task& task : tasks) {
      if (auto ended = compare(task); ended.code != ExitCode::ok) return ended;
    }
    for (const auto& [id, found] : found_) {
      std::cout << id << "  " << found.equal << " hours equal";
      if (found.missing > 0) std::cout << ", " << found.missing << " missing";
      if (found.different > 0) std::cout << ", " << found.different << " different";
      if (found.jumps > 0) std::cout << ", " << found.jumps << " jumps of the sum";
      std::cout << '\n';
      for (const std::string& line : found.lines) std::cout << line << '\n';
    }
    const bool sound =
        std::all_of(found_.begin(), found_.end(), [](const auto& entry) { return entry.second.sound(); });
    return {sound ? ExitCode::ok : ExitCode::different, ""};
  }

 private:
  Ended compare(const Task& task) {
    std::vector<std::string> ids;
    for (const ledger::NamedSeries& entry : task.series) ids.push_back(entry.id);
    const auto hours = static_cast<std::int64_t>(std::max<std::size_t>(kRowsInAnAnswer / ids.size(), 24));
    std::map<std::string, statistics::HeldHours> all;
    for (UtcSeconds from = task.from; from < task.until; from += std::chrono::hours{hours}) {
      const UtcSeconds until = std::min(from + std::chrono::hours{hours}, task.until);
      auto answer = home_.ask(statistics::read_command(ids, from, until));
      if (!answer) return {answer.error().exit_code, answer.error().text};
      const auto held = statistics::held_in(answer.value());
      // Read after the answer, and not held while the next one is waited for: the bridge may be booking.
      const auto reader = open_reader(path_);
      const auto account = reader->accounts().find(task.device);
      if (account == reader->accounts().end()) continue;
      const auto book = reader->hours_with_history(account->second, from, until);
      for (const ledger::NamedSeries& entry : task.series) {
        const auto rows = held.find(entry.id);
        const statistics::HeldHours stands = rows == held.end() ? statistics::HeldHours() : rows->second;
        cli::compare(found_[entry.id], entry, book, stands);
        if (!entry.power) all[entry.id].insert(stands.begin(), stands.end());
      }
    }
    for (const auto& [id, held] : all) check_sums(found_[id], held);
    return {};
  }

  HomeAssistant& home_;
  std::string path_;
  std::map<std::string, Found> found_;
};

}  // namespace

Ended verify_statistics(const Statistics& command, const settings::Settings& settings, const std::string& path) {
  UtcSeconds from{};
  if (!command.from.empty()) {
    const auto moment = read_moment(command.from, app::utc(runtime::read_clock()));
    if (!moment) return {ExitCode::usage, "--from: " + moment.error()};
    from = model::bucket_start(moment.value(), model::Scale::hours);
  }
  Ears ears;
  const std::vector<Task> tasks = tasks_of(path, from);
  if (tasks.empty()) {
    return {ExitCode::try_later, "there is nothing to compare: no hour was delivered to Home Assistant yet"};
  }
  HomeAssistant home(settings.statistics, ears);
  if (const auto opened = home.open(); !opened) return {opened.error().exit_code, opened.error().text};
  return Verify(home, path).compare_all(tasks);
}

}  // namespace emporia::cli
