#include "cli/home_text.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "cli/device_text.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::cli {
namespace {

using std::chrono::sys_seconds;

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

std::string count(std::optional<double> number) {
  return number ? runtime::concat(static_cast<std::int64_t>(std::clamp(*number, 0.0, 1e9))) : "-";
}

/// "data up to 08:34 UTC, 31 min ago": when the hindmost connected device's newest booked bucket ends.
std::string data_up_to(const std::vector<DeviceView>& devices, runtime::SystemTime now) {
  std::optional<sys_seconds> oldest;
  for (const DeviceView& device : devices) {
    const auto as_of = runtime::parse_iso8601(text_at(device.state, "as_of"));
    if (device.connected && as_of) oldest = std::min(oldest.value_or(*as_of), *as_of);
  }
  if (!oldest) return "no data yet";
  // In seconds: what a stranger says may lie further back than the clock's finer units reach.
  const std::chrono::seconds age =
      std::chrono::floor<std::chrono::minutes>(std::chrono::floor<std::chrono::seconds>(now) - *oldest);
  const std::string time = runtime::iso8601(*oldest);
  constexpr std::size_t kTime = 11;
  return runtime::concat("data up to ", time.substr(kTime, 5), " UTC, ",
                         runtime::for_people(std::max(age, std::chrono::seconds{0})), " ago");
}

Span partner_span(const json::Value& health) {
  const json::Value* partner = health.find("partner");
  if (partner == nullptr) return {"Partner API -", Style::faint};
  const std::string state = text_at(*partner, "state");
  std::string words = state;
  std::replace(words.begin(), words.end(), '_', ' ');
  const Style style = state == "ok" ? Style::good : state == "signing_in" ? Style::warning : Style::bad;
  return {"Partner API " + (words.empty() ? "-" : words), style};
}

/// A sentence that something is wrong, on as many lines as it takes.
void add_wrapped(std::vector<Line>& lines, const std::string& sentence, std::size_t columns) {
  for (std::string& line : wrapped(sentence, columns)) lines.push_back({{std::move(line), Style::bad}});
}

std::vector<Line> header(const HomeView& view, const std::vector<DeviceView>& devices, const Frame& frame,
                         runtime::SystemTime now) {
  std::vector<Line> lines;
  Line first{{"emporia2mqtt  ", Style::strong}};
  if (view.running()) {
    first.push_back({"bridge online", Style::good});
  } else {
    first.push_back({"bridge offline", Style::bad});
  }
  first.push_back({"   "});
  first.push_back(partner_span(view.health()));
  if (const json::Value* calls = view.health().find("calls")) {
    const auto waiting = number_at(*calls, "postponed").value_or(0);
    if (waiting > 0) first.push_back({"   " + count(waiting) + " polls waiting", Style::warning});
    lines.push_back(std::move(first));
    lines.push_back({{runtime::concat("calls ", count(number_at(*calls, "used_last_hour")), " of ",
                                      count(number_at(*calls, "budget")), " in the last hour, ",
                                      count(number_at(*calls, "left")), " left   ", data_up_to(devices, now))}});
  } else {
    lines.push_back(std::move(first));
  }
  if (const json::Value* partner = view.health().find("partner")) {
    const json::Value* told = partner->find("last_error");
    const std::string error = told == nullptr || told->as_string() == nullptr ? "" : *told->as_string();
    if (text_at(*partner, "state") != "ok") add_wrapped(lines, error, frame.columns);
  }
  add_wrapped(lines, frame.trouble, frame.columns);
  return lines;
}

struct Plan {
  bool blanks = true;
  /// Lines of circuits a device may have.
  std::size_t circuit_lines = kAll;
};

std::vector<Line> body(const std::vector<DeviceText>& devices, std::size_t columns, const Plan& plan) {
  std::vector<Line> lines;
  if (devices.empty()) return {{{"No devices yet.", Style::faint}}};
  if (plan.blanks) lines.push_back({});
  lines.push_back(device_headings(columns));
  bool circuits_before = false;
  for (const DeviceText& device : devices) {
    // A device with circuits stands apart; those of a line or two stand together like a table.
    const bool apart = &device != &devices.front() && (circuits_before || !device.circuits.empty());
    if (plan.blanks && apart) lines.push_back({});
    circuits_before = !device.circuits.empty();
    lines.insert(lines.end(), device.head.begin(), device.head.end());
    const std::size_t shown = std::min(device.circuits.size(), plan.circuit_lines);
    for (std::size_t index = 0; index < shown; ++index) lines.push_back(device.circuits[index]);
    if (shown == device.circuits.size()) continue;
    const std::size_t hidden = device.circuit_count - shown * device.circuits_a_line;
    lines.push_back(
        {{runtime::concat("  and ", hidden, hidden == 1 ? " more circuit" : " more circuits"), Style::faint}});
  }
  return lines;
}

/// The most generous plan that fits into the rows; what does not fit even so is cut and counted.
std::vector<Line> fitting_body(const std::vector<DeviceText>& devices, std::size_t columns, std::size_t rows) {
  std::size_t most_circuits = 0;
  for (const DeviceText& device : devices) most_circuits = std::max(most_circuits, device.circuits.size());
  std::vector<Line> lines = body(devices, columns, {});
  if (lines.size() <= rows) return lines;
  for (std::size_t circuit_lines = most_circuits + 1; circuit_lines-- > 0;) {
    lines = body(devices, columns, {false, circuit_lines});
    if (lines.size() <= rows) return lines;
  }
  lines.resize(rows > 0 ? rows - 1 : 0);
  if (rows > 0) lines.push_back({{"The rest does not fit: make the window taller.", Style::warning}});
  return lines;
}

}  // namespace

std::vector<std::string> home_text(const HomeView& view, const Frame& frame, runtime::SystemTime now) {
  const std::vector<DeviceView> devices = view.devices();
  std::vector<DeviceText> texts;
  // Every device takes a line: more of them than there are rows need not be rendered.
  const std::size_t rendered = frame.rows == 0 ? devices.size() : std::min(devices.size(), frame.rows);
  for (std::size_t index = 0; index < rendered; ++index) texts.push_back(device_text(devices[index], frame.columns));
  std::vector<Line> lines = header(view, devices, frame, now);
  const std::size_t taken = lines.size() + (frame.hint.empty() ? 0 : 1);
  const std::size_t rows = frame.rows == 0 ? kAll : frame.rows - std::min(frame.rows, taken);
  for (Line& line : fitting_body(texts, frame.columns, rows)) lines.push_back(std::move(line));
  if (!frame.hint.empty()) lines.push_back({{frame.hint, Style::faint}});
  if (frame.rows != 0 && lines.size() > frame.rows) lines.resize(frame.rows);
  std::vector<std::string> text;
  text.reserve(lines.size());
  for (const Line& line : lines) text.push_back(to_text(line, frame.columns, frame.colour));
  return text;
}

}  // namespace emporia::cli
