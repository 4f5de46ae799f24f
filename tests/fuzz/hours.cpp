// The bytes of an hour and of a device's counters in the ledger's file, which a disk may have damaged.
#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "ledger/counter_bytes.hpp"
#include "ledger/hour.hpp"
#include "ledger/marks.hpp"

namespace emporia::fuzz {
namespace {

using ledger::Hour;
using ledger::MicroWh;

ledger::Sums sums_of(const Hour& hour, model::Channel channel) {
  return ledger::sums_in(hour, channel, ledger::kAllMinutes);
}

/// Books what the service may tell afterwards, and follows the counters of one channel.
std::string booked_wrongly(Hour hour, Bytes& bytes) {
  constexpr model::Channel kChannel = 4;
  const ledger::Sums before = sums_of(hour, kChannel);
  ledger::Sums sums = before;
  for (int i = 0; i < 20 && !bytes.empty(); ++i) {
    constexpr unsigned kLengths[] = {1, 15, 60};
    const unsigned length = kLengths[bytes.below(3)];
    const unsigned first = static_cast<unsigned>(bytes.below(60 / length)) * length;
    const double energy_wh = bytes.number<float>();
    if (!ledger::is_bookable(energy_wh)) continue;
    book_bucket(hour, kChannel, first, length, ledger::to_micro_wh(energy_wh), ledger::kAllMinutes, sums);
    if (sums_of(hour, kChannel) != sums) return "the counter is not the sum of its minutes";
    const auto half = ledger::sums_in(hour, kChannel, ledger::minutes_from(0, 30));
    if (half.positive < 0 || half.negative < 0) return "a part of the hour with energy below 0";
    if (!hour.folded && (half.positive > sums.positive || half.negative > sums.negative)) return "more than the whole";
  }
  return {};
}

/// The same bytes taken for counters.
std::string counters_broken(const std::string& stored) {
  const auto counters = ledger::counters_from_bytes(stored);
  if (!counters) return {};
  for (const auto& [channel, counter] : *counters) {
    if (!ledger::is_believable(channel, counter)) return "a counter that no booking can have made";
    if (counter.shown_positive < counter.positive || counter.shown_net < counter.net()) return "less shown than booked";
  }
  if (ledger::counters_from_bytes(ledger::to_bytes(*counters)) != counters) return "counters read differently again";
  return {};
}

}  // namespace

std::string broken_law(std::string_view input) {
  Bytes bytes(input);
  const std::string stored = bytes.text();
  if (std::string broken = counters_broken(stored); !broken.empty()) return broken;
  auto hour = ledger::from_bytes(stored);
  if (hour) {
    const auto again = ledger::from_bytes(ledger::to_bytes(*hour));
    if (!again) return "what was read cannot be written and read again";
    for (const auto& [channel, content] : hour->channels) {
      if (channel < 1) return "a channel 0";
      if (content.booked != 0 && again->channels.at(channel) != content) return "it reads differently the second time";
    }
    Hour folded = *hour;
    folded.fold();
    for (const auto& [channel, content] : hour->channels) {
      if (content.booked != 0 && sums_of(folded, channel) != sums_of(*hour, channel)) return "folding changed a sum";
    }
  }
  return booked_wrongly(hour ? *hour : Hour{}, bytes);
}

}  // namespace emporia::fuzz
