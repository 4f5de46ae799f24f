#include "cli/ledger_view.hpp"

#include <algorithm>
#include <cstdlib>

#include "cli/cells.hpp"
#include "polling/repair.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::cli {
namespace {

using ledger::Counter;
using ledger::MicroWh;
using runtime::concat;

// What a screen holds; --json has the rest.
constexpr std::size_t kGapsShown = 20;
constexpr std::size_t kRevisionsShown = 20;
constexpr std::size_t kMostHoles = 100'000;
constexpr std::size_t kLabelColumns = 30;
constexpr std::size_t kEnergyColumns = 16;
constexpr std::size_t kTimeColumns = 18;

std::string decimals(MicroWh number, MicroWh one) {
  const MicroWh size = std::abs(number);
  std::string digits = std::to_string(size % one);
  digits.insert(0, std::to_string(one).size() - 1 - digits.size(), '0');
  return concat(number < 0 ? "-" : "", size / one, ".", digits);
}

std::string row(const std::string& label, const std::string& in, const std::string& out, const std::string& from,
                const std::string& until) {
  std::string line = left_aligned(label, kLabelColumns) + right_aligned(in, kEnergyColumns) +
                     right_aligned(out, kEnergyColumns) + "  " + left_aligned(from, kTimeColumns) + until;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// What stands for the whole device: mains, or all that its channels count.
const Counter* total_of(const LedgerDevice& device) {
  const auto mains = device.counters.find(model::kMergedMains);
  if (mains != device.counters.end()) return &mains->second;
  return device.counters.size() == 1 ? &device.counters.begin()->second : nullptr;
}

model::UtcSeconds first_of(const LedgerDevice& device) {
  model::UtcSeconds first = model::UtcSeconds::max();
  for (const auto& [channel, counter] : device.counters) first = std::min(first, counter.booked_from);
  return first;
}

model::UtcSeconds newest_of(const LedgerDevice& device) {
  model::UtcSeconds newest{};
  for (const auto& [channel, counter] : device.counters) newest = std::max(newest, counter.booked_until);
  return newest;
}

std::string times(unsigned count) {
  return count == 1 ? "once" : concat(count, " times");
}

std::string asked(const LedgerGap& gap) {
  if (gap.attempts == 0) return "not asked for again yet";
  const std::string last = concat(times(gap.attempts), ", last ", minute_text(gap.asked_at));
  return gap.given_up ? concat("given up: asked for again ", last) : concat("asked for again ", last);
}

std::string gap_summary(const std::vector<LedgerGap>& gaps) {
  unsigned missing = 0;
  unsigned given_up = 0;
  for (const LedgerGap& gap : gaps) (gap.given_up ? given_up : missing) += gap.missing_minutes;
  if (missing + given_up == 0) return "none";
  if (given_up == 0) return concat(missing, " min");
  if (missing == 0) return concat(given_up, " min given up");
  return concat(missing, " min, ", given_up, " min given up");
}

/// A time where it is another than the device's, so that what is late stands out.
std::string unless(model::UtcSeconds time, model::UtcSeconds usual) {
  return time == usual ? std::string() : minute_text(time);
}

void add_counter(std::vector<std::string>& lines, const LedgerDevice& device, model::Channel channel) {
  const Counter& counter = device.counters.at(channel);
  lines.push_back(row(channel_label(device, channel), exact_kwh(counter.positive), exact_kwh(counter.negative),
                      unless(counter.booked_from, first_of(device)), unless(counter.booked_until, newest_of(device))));
  if (channel == model::kBalance) {
    if (counter.shown_net != counter.net())
      lines.push_back(row("  shown: highest in less out", exact_kwh(counter.shown_net), "", "", ""));
  } else if (counter.shown_positive != counter.positive || counter.shown_negative != counter.negative) {
    lines.push_back(row("  shown until use passes it", exact_kwh(counter.shown_positive),
                        exact_kwh(counter.shown_negative), "", ""));
  }
}

/// Merged mains and balance before what they are computed of.
std::vector<model::Channel> in_order(const ledger::Counters& counters) {
  std::vector<model::Channel> channels;
  for (const auto& [channel, counter] : counters) channels.push_back(channel);
  std::stable_partition(channels.begin(), channels.end(), [](auto channel) { return channel > model::kLastChannel; });
  return channels;
}

json::Value time_or_null(model::UtcSeconds time) {
  return time == model::UtcSeconds{} ? json::Value() : json::Value(runtime::iso8601(time));
}

json::Array revisions_json(const LedgerDevice& device) {
  json::Array revisions;
  for (const ledger::Revision& revision : device.revisions) {
    revisions.push_back(json::Object{{"told_at", time_or_null(revision.when)},
                                     {"channel", revision.channel},
                                     {"label", channel_label(device, revision.channel)},
                                     {"from", runtime::iso8601(revision.from)},
                                     {"until", runtime::iso8601(revision.until)},
                                     {"before_wh", ledger::to_wh(revision.before)},
                                     {"after_wh", ledger::to_wh(revision.after)}});
  }
  return revisions;
}

}  // namespace

std::vector<LedgerGap> gaps_of(const std::vector<ledger::Hole>& holes) {
  std::vector<LedgerGap> gaps;
  for (const ledger::Hole& hole : holes) {
    if (gaps.empty() || gaps.back().until != hole.hour || gaps.back().attempts != hole.attempts) {
      gaps.push_back({hole.hour, hole.hour, 0, hole.attempts, {}, hole.attempts >= polling::kAttempts});
    }
    gaps.back().until = hole.hour + model::bucket_length(model::Scale::hours);
    gaps.back().missing_minutes += hole.missing_minutes;
    gaps.back().asked_at = std::max(gaps.back().asked_at, hole.asked_at);
  }
  return gaps;
}

LedgerDevice read_device(ledger::Reader& reader, const model::DeviceId& id, LedgerNames names) {
  const ledger::Account& account = reader.accounts().at(id);
  return {id.text(), std::move(names), account.counters, gaps_of(reader.holes(account, kMostHoles)),
          reader.revisions(account)};
}

std::string channel_label(const LedgerDevice& device, model::Channel channel) {
  if (channel == model::kMergedMains) return "mains";
  if (channel == model::kBalance) return "balance";
  const bool known = device.names.model != model::DeviceModel::unknown;
  const auto device_model = known                                             ? device.names.model
                            : device.counters.count(model::kMergedMains) != 0 ? model::DeviceModel::vue3
                                                                              : model::DeviceModel::unknown;
  if (model::is_mains(device_model, channel)) return std::string("leg ") + "ABC"[channel - 1];
  std::string label =
      concat(model::is_monitor(device_model) ? "circuit " : "channel ", model::printed_number(device_model, channel));
  const auto name = device.names.circuits.find(channel);
  if (name != device.names.circuits.end() && !name->second.empty()) label += " " + printable(name->second);
  return label;
}

std::string minute_text(model::UtcSeconds time) {
  std::string text = runtime::iso8601(time).substr(0, 16);
  text[10] = ' ';
  return text;
}

std::string exact_wh(MicroWh energy) {
  return decimals(energy, 1'000'000);
}

std::string exact_kwh(MicroWh energy) {
  const MicroWh half = energy < 0 ? -500 : 500;
  return decimals((energy + half) / 1000, 1'000'000);
}

std::vector<std::string> ledger_table(const std::vector<LedgerDevice>& devices) {
  std::size_t widest = 6;
  for (const LedgerDevice& device : devices) widest = std::max(widest, columns_of(printable(device.id)));
  const std::size_t id_columns = std::min<std::size_t>(widest, 40) + 2;
  const auto line = [&](const std::string& id, const std::string& name, const std::string& from,
                        const std::string& until, const std::string& in, const std::string& out,
                        const std::string& missing) {
    return left_aligned(id, id_columns) + left_aligned(name, 20) + "  " + left_aligned(from, kTimeColumns) +
           left_aligned(until, kTimeColumns) + right_aligned(in, kEnergyColumns) + right_aligned(out, kEnergyColumns) +
           "  " + missing;
  };
  std::vector<std::string> lines{line("DEVICE", "NAME", "BOOKED FROM", "TO (UTC)", "IN kWh", "OUT kWh", "MISSING")};
  for (const LedgerDevice& device : devices) {
    const Counter* total = total_of(device);
    const bool empty = device.counters.empty();
    lines.push_back(line(printable(device.id), printable(device.names.device),
                         empty ? "-" : minute_text(first_of(device)), empty ? "-" : minute_text(newest_of(device)),
                         total == nullptr ? "-" : exact_kwh(total->positive),
                         total == nullptr ? "-" : exact_kwh(total->negative), gap_summary(device.gaps)));
  }
  return lines;
}

std::vector<std::string> ledger_text(const LedgerDevice& device) {
  std::vector<std::string> lines{printable(device.id)};
  if (!device.names.device.empty()) lines.back() += "  " + printable(device.names.device);
  if (device.counters.empty()) {
    lines.emplace_back("nothing is booked yet");
    return lines;
  }
  lines.push_back(concat("booked from ", minute_text(first_of(device)), " to ", minute_text(newest_of(device)),
                         " UTC; energy in kWh, all times UTC"));
  lines.emplace_back();
  lines.push_back(row("CHANNEL", "IN", "OUT", "FROM, IF LATER", "TO, IF EARLIER"));
  for (const model::Channel channel : in_order(device.counters)) add_counter(lines, device, channel);
  lines.emplace_back();
  lines.push_back(device.gaps.empty() ? "MISSING  nothing" : "MISSING  " + gap_summary(device.gaps));
  const std::size_t skipped = device.gaps.size() - std::min(device.gaps.size(), kGapsShown);
  if (skipped > 0) lines.push_back(concat("  ", skipped, " earlier stretches: see --json"));
  for (std::size_t i = skipped; i < device.gaps.size(); ++i) {
    const LedgerGap& gap = device.gaps[i];
    lines.push_back(concat("  ", minute_text(gap.from), " to ", minute_text(gap.until), "  ",
                           right_aligned(concat(gap.missing_minutes), 6), " min  ", asked(gap)));
  }
  lines.emplace_back();
  lines.emplace_back(device.revisions.empty() ? "REVISED  nothing"
                                              : "REVISED  Wh as counted before and since, newest first");
  const std::size_t shown = std::min(device.revisions.size(), kRevisionsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ledger::Revision& revision = device.revisions[i];
    lines.push_back(concat("  told ", minute_text(revision.when), "  ",
                           left_aligned(channel_label(device, revision.channel), 24), "  ", minute_text(revision.from),
                           " to ", minute_text(revision.until).substr(11), "  ",
                           right_aligned(exact_wh(revision.before), 14), " -> ", exact_wh(revision.after)));
  }
  if (shown < device.revisions.size()) {
    lines.push_back(concat("  ", device.revisions.size() - shown, " earlier ones: see --json"));
  }
  return lines;
}

json::Value ledger_json(const LedgerDevice& device) {
  json::Array channels;
  for (const model::Channel channel : in_order(device.counters)) {
    const Counter& counter = device.counters.at(channel);
    channels.push_back(json::Object{{"channel", channel},
                                    {"label", channel_label(device, channel)},
                                    {"positive_wh", ledger::to_wh(counter.positive)},
                                    {"negative_wh", ledger::to_wh(counter.negative)},
                                    {"shown_positive_wh", ledger::to_wh(counter.shown_positive)},
                                    {"shown_negative_wh", ledger::to_wh(counter.shown_negative)},
                                    {"shown_net_wh", ledger::to_wh(counter.shown_net)},
                                    {"booked_from", time_or_null(counter.booked_from)},
                                    {"booked_until", time_or_null(counter.booked_until)}});
  }
  json::Array gaps;
  for (const LedgerGap& gap : device.gaps) {
    gaps.push_back(json::Object{{"from", runtime::iso8601(gap.from)},
                                {"until", runtime::iso8601(gap.until)},
                                {"missing_minutes", gap.missing_minutes},
                                {"attempts", gap.attempts},
                                {"asked_at", time_or_null(gap.asked_at)},
                                {"given_up", gap.given_up}});
  }
  const bool empty = device.counters.empty();
  return json::Object{{"device", device.id},
                      {"name", device.names.device.empty() ? json::Value() : json::Value(device.names.device)},
                      {"booked_from", empty ? json::Value() : time_or_null(first_of(device))},
                      {"booked_until", empty ? json::Value() : time_or_null(newest_of(device))},
                      {"channels", std::move(channels)},
                      {"gaps", std::move(gaps)},
                      {"revisions", revisions_json(device)}};
}

}  // namespace emporia::cli
