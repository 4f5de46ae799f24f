#include <algorithm>
#include <iostream>
#include <map>
#include <poll.h>
#include <set>
#include <unistd.h>
#include <vector>

#include "cli/home_assistant.hpp"
#include "cli/statistics.hpp"
#include "ledger/history.hpp"
#include "runtime/text.hpp"
#include "statistics/messages.hpp"
#include "statistics/series.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using namespace std::chrono_literals;

/// The statistics of ours at Home Assistant, by id.
using Names = std::map<std::string, std::string>;

runtime::Result<Names, HomeAssistant::Trouble> names_at(HomeAssistant& home) {
  auto answer = home.ask({{"type", "recorder/list_statistic_ids"}});
  if (!answer) return runtime::Failure{answer.error()};
  Names names;
  const json::Array* list = answer.value().as_array();
  if (list == nullptr) return names;
  for (const json::Value& entry : *list) {
    const json::Value* id = entry.find("statistic_id");
    const json::Value* name = entry.find("name");
    if (id == nullptr || id->as_string() == nullptr) continue;
    const std::string start = std::string(statistics::kSource) + ":";
    if (id->as_string()->compare(0, start.size(), start) != 0) continue;
    names[*id->as_string()] = name != nullptr && name->as_string() != nullptr ? *name->as_string() : "";
  }
  return names;
}

/// Ctrl-C and the end of the input say no.
bool says_yes(HomeAssistant& home) {
  constexpr int kLookEvery_ms = 100;
  for (;;) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, kLookEvery_ms) > 0) {
      std::string answer;
      std::getline(std::cin, answer);
      return answer == "y" || answer == "Y" || answer == "yes";
    }
    if (!home.wait_until(runtime::read_clock().steady + 1ms)) return false;
  }
}

Ended may_remove(HomeAssistant& home, const std::vector<std::string>& ids, const Names& names, bool yes) {
  std::cerr << "This takes " << ids.size() << (ids.size() == 1 ? " statistic" : " statistics")
            << " with all hours out of Home Assistant " << home.version() << ":\n";
  for (const std::string& id : ids) std::cerr << "  " << id << "  " << names.at(id) << '\n';
  if (yes) return {};
  if (::isatty(STDIN_FILENO) != 1) {
    return {ExitCode::usage, "nothing was removed: there is nobody to ask, so give --yes as well"};
  }
  std::cerr << "Remove them? [y/N] " << std::flush;
  return says_yes(home) ? Ended{} : Ended{ExitCode::usage, "nothing was removed"};
}

/// Home Assistant clears what is queued, and answers before that.
Ended clear(HomeAssistant& home, const std::vector<std::string>& ids) {
  json::Array list;
  for (const std::string& id : ids) list.emplace_back(id);
  const auto cleared = home.ask({{"type", "recorder/clear_statistics"}, {"statistic_ids", std::move(list)}});
  if (!cleared) return {cleared.error().exit_code, cleared.error().text};
  const auto limit = runtime::read_clock().steady + 60s;
  for (;;) {
    const auto left = names_at(home);
    if (!left) return {left.error().exit_code, left.error().text};
    const auto is_left = [&](const std::string& id) { return left.value().count(id) > 0; };
    if (std::none_of(ids.begin(), ids.end(), is_left)) return {};
    if (runtime::read_clock().steady >= limit) {
      return {ExitCode::try_later, "Home Assistant has not removed them within a minute: look again later"};
    }
    if (!home.wait_until(runtime::read_clock().steady + 500ms)) return {ExitCode::interrupted, "stopped"};
  }
}

}  // namespace

Ended remove_statistics(const Statistics& command, const settings::Settings& settings, const std::string& path) {
  if (settings.statistics.enabled && bridge_runs(settings)) {
    return {ExitCode::refused,
            "a bridge runs and would write them again: set [statistics] enabled = false and restart it, or stop it"};
  }
  Ears ears;
  std::vector<ledger::NamedSeries> ours;
  std::vector<std::int64_t> devices;
  {
    const auto reader = open_reader(path);
    ours = reader->series();
    for (const auto& [id, account] : reader->accounts()) devices.push_back(account.number);
  }
  HomeAssistant home(settings.statistics, ears);
  if (const auto opened = home.open(); !opened) return {opened.error().exit_code, opened.error().text};
  const auto names = names_at(home);
  if (!names) return {names.error().exit_code, names.error().text};
  std::set<std::string> known;
  for (const ledger::NamedSeries& entry : ours) known.insert(entry.id);
  std::vector<std::string> ids;
  for (const auto& [id, name] : names.value()) {
    if (known.count(id) > 0) {
      ids.push_back(id);
    } else {
      std::cerr << "Left alone, for this ledger knows nothing of it: " << id << "  " << name << '\n';
    }
  }
  if (!ids.empty()) {
    if (auto ended = may_remove(home, ids, names.value(), command.yes); ended.code != ExitCode::ok) return ended;
    if (auto ended = clear(home, ids); ended.code != ExitCode::ok) return ended;
  }
  ledger::History(path).forget(ours, devices);
  std::cout << ids.size() << (ids.size() == 1 ? " statistic" : " statistics") << " removed\n";
  return {};
}

}  // namespace emporia::cli
