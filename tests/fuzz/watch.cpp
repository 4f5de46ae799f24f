// What `watch` shows of whatever stands below the base topic: text for a terminal, and nothing that a terminal obeys.
#include "cli/cells.hpp"
#include "cli/home_text.hpp"
#include "cli/home_view.hpp"
#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "runtime/time_text.hpp"
#include "runtime/utf8.hpp"

namespace emporia::fuzz {
namespace {

const auto kNow = *runtime::parse_iso8601("2026-11-23T12:00:00Z");

std::string wrong_line(std::string line, const cli::Frame& frame) {
  if (!runtime::is_utf8_text(line)) return "a line that is not UTF-8";
  // The styles that it sets itself.
  for (std::size_t at = line.find("\x1b["); frame.colour && at != std::string::npos; at = line.find("\x1b[", at)) {
    line.erase(at, line.find('m', at) - at + 1);
  }
  for (const char c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') return "a control character";
  }
  for (const char* turning : {"\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2028"}) {
    if (line.find(turning) != std::string::npos) return "a character that turns the text around it";
  }
  return cli::columns_of(line) > frame.columns ? "a line wider than the terminal" : "";
}

}  // namespace

std::string broken_law(std::string_view input) {
  Bytes bytes(input);
  cli::Frame frame;
  frame.columns = 20 + bytes.byte();
  frame.rows = bytes.below(60);
  frame.colour = bytes.flag();
  frame.trouble = bytes.text(1000);
  cli::HomeView view(mqtt::TopicTree("emporia", "homeassistant"), {{"R1", "Renamed"}});
  constexpr const char* kTopics[] = {"bridge/state", "bridge/health",   "bridge/devices", "F1/state",
                                     "B1/state",     "F1/availability", "group--g/state", "S1/state",
                                     "D1/state",     "B1/availability"};
  while (!bytes.empty()) {
    mqtt::Message message;
    message.topic = std::string("emporia/") + kTopics[bytes.below(std::size(kTopics))];
    message.payload = bytes.text();
    view.take(message);
  }
  const auto lines = cli::home_text(view, frame, kNow);
  if (frame.rows > 0 && lines.size() > frame.rows) return "more lines than the terminal has";
  for (const std::string& line : lines) {
    if (std::string wrong = wrong_line(line, frame); !wrong.empty()) return wrong + ": " + line;
  }
  for (const std::string& line : view.missing()) {
    if (!runtime::is_utf8_text(line)) return "a sentence that is not UTF-8";
  }
  return {};
}

}  // namespace emporia::fuzz
