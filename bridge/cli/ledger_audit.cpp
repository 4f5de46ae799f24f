#include "cli/ledger_audit.hpp"

#include <algorithm>

#include "cli/cells.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::cli {
namespace {

using runtime::concat;

// What a screen holds; --json has the rest.
constexpr std::size_t kDifferencesShown = 50;
constexpr std::size_t kStretchesShown = 20;

std::string counted(std::size_t count, const char* what) {
  return concat(count, " ", what, count == 1 ? "" : "s");
}

std::string row(const std::string& hour, const std::string& channel, const std::string& booked, const std::string& told,
                const std::string& apart) {
  return left_aligned(hour, 18) + left_aligned(channel, 30) + right_aligned(booked, 16) + right_aligned(told, 16) +
         right_aligned(apart, 16);
}

std::string verdict(const LedgerAudit& audit) {
  const ledger::Audit& found = audit.audit;
  if (found.minutes == 0) return "NOTHING TO COMPARE: see why above, and choose other times with --from and --to";
  const std::string compared = concat(counted(found.hours, "hour"), " compared, each channel's by itself; ",
                                      counted(found.minutes, "minute"), " in all");
  if (found.differences.empty()) return "EQUAL: " + compared;
  return concat("DIFFERENT: ", found.differences.size(), " of ", compared,
                ". The bridge reads the newest day again every two hours: try again then");
}

const char* word(ledger::LeftOut reason) {
  switch (reason) {
    case ledger::LeftOut::not_counted:
      return "not_counted";
    case ledger::LeftOut::not_booked_yet:
      return "not_booked_yet";
    case ledger::LeftOut::not_kept:
      return "not_kept";
    case ledger::LeftOut::not_told:
      break;
  }
  return "not_told";
}

}  // namespace

std::vector<std::string> audit_text(const LedgerDevice& device, const LedgerAudit& audit) {
  std::vector<std::string> lines{concat(printable(device.names.device.empty() ? device.id : device.names.device),
                                        ": ledger and service from ", minute_text(audit.from), " to ",
                                        minute_text(audit.until), " UTC, asked for in ", audit.scales)};
  const auto& differences = audit.audit.differences;
  if (!differences.empty()) lines.push_back(row("HOUR (UTC)", "CHANNEL", "LEDGER Wh", "SERVICE Wh", "APART Wh"));
  const std::size_t shown = std::min(differences.size(), kDifferencesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ledger::Difference& difference = differences[i];
    lines.push_back(row(minute_text(difference.hour), channel_label(device, difference.channel),
                        exact_wh(difference.booked), exact_wh(difference.told),
                        exact_wh(difference.told - difference.booked)));
    if (difference.unbooked_minutes > 0) {
      lines.back() += concat("  ", counted(difference.unbooked_minutes, "minute"), " not booked");
    }
  }
  if (shown < differences.size()) lines.push_back(concat(differences.size() - shown, " more: see --json"));
  const std::vector<ledger::Stretch> stretches = ledger::stretches(audit.audit);
  for (std::size_t i = 0; i < std::min(stretches.size(), kStretchesShown); ++i) {
    lines.push_back(concat("Not compared from ", minute_text(stretches[i].from), " to ",
                           minute_text(stretches[i].until), ": ", ledger::in_words(stretches[i].reason)));
  }
  if (stretches.size() > kStretchesShown) {
    lines.push_back(concat("and ", stretches.size() - kStretchesShown, " more stretches: see --json"));
  }
  lines.push_back(verdict(audit));
  return lines;
}

json::Value audit_json(const LedgerDevice& device, const LedgerAudit& audit) {
  json::Array differences;
  for (const ledger::Difference& difference : audit.audit.differences) {
    differences.push_back(json::Object{{"hour", runtime::iso8601(difference.hour)},
                                       {"channel", difference.channel},
                                       {"label", channel_label(device, difference.channel)},
                                       {"ledger_wh", ledger::to_wh(difference.booked)},
                                       {"service_wh", ledger::to_wh(difference.told)},
                                       {"unbooked_minutes", difference.unbooked_minutes}});
  }
  json::Array left_out;
  for (const ledger::Stretch& stretch : ledger::stretches(audit.audit)) {
    left_out.push_back(json::Object{{"from", runtime::iso8601(stretch.from)},
                                    {"until", runtime::iso8601(stretch.until)},
                                    {"reason", word(stretch.reason)}});
  }
  const bool compared = audit.audit.minutes > 0;
  return json::Object{{"device", device.id},
                      {"from", runtime::iso8601(audit.from)},
                      {"until", runtime::iso8601(audit.until)},
                      {"scales", audit.scales},
                      {"equal", compared ? json::Value(audit.audit.differences.empty()) : json::Value()},
                      {"compared_minutes", static_cast<std::int64_t>(audit.audit.minutes)},
                      {"differences", std::move(differences)},
                      {"not_compared", std::move(left_out)}};
}

}  // namespace emporia::cli
