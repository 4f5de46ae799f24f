#include "ledger/counter_bytes.hpp"

#include "ledger/byte_text.hpp"
#include "ledger/epoch.hpp"

namespace emporia::ledger {
namespace {

// A form to begin with, so that another can follow.
constexpr std::uint64_t kForm = 1;
// Beyond this no program of ours has written anything; further arithmetic with them would overflow.
constexpr MicroWh kMostCounted = 4'000'000'000'000'000'000;
// A channel, five energies of which three are mostly zero, two times.
constexpr std::size_t kUsualSize = 32;

/// Of numbers that a damaged file may hold: what does not fit wraps around, and is not believed then.
MicroWh sum_of(MicroWh a, MicroWh b) {
  return static_cast<MicroWh>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

bool is_sum(MicroWh energy) {
  return energy >= 0 && energy <= kMostCounted;
}

/// False when it cannot be believed.
bool read(ByteReader& reader, model::Channel channel, Counter& counter) {
  counter.positive = reader.energy();
  counter.negative = reader.energy();
  if (!is_sum(counter.positive) || !is_sum(counter.negative)) return false;
  counter.shown_positive = sum_of(counter.positive, reader.energy());
  counter.shown_negative = sum_of(counter.negative, reader.energy());
  counter.shown_net = sum_of(counter.net(), reader.energy());
  const auto from = static_cast<std::int64_t>(reader.number());
  const auto length = static_cast<std::int64_t>(reader.number());
  if (!is_time(from) || !is_time(length)) return false;
  counter.booked_from = from_epoch(from);
  counter.booked_until = from_epoch(from + length);
  if (!is_believable(channel, counter)) return false;
  counter.show();
  return true;
}

}  // namespace

bool is_believable(model::Channel channel, const Counter& counter) {
  if (channel < 1 || channel > kHighestChannel) return false;
  for (const MicroWh sum : {counter.positive, counter.negative, counter.shown_positive, counter.shown_negative}) {
    if (!is_sum(sum)) return false;
  }
  if (counter.shown_net < -kMostCounted || counter.shown_net > kMostCounted) return false;
  return counter.booked_from <= counter.booked_until && is_time(epoch(counter.booked_from)) &&
         is_time(epoch(counter.booked_until));
}

std::string to_bytes(const Counters& counters) {
  ByteWriter writer;
  writer.reserve(counters.size() * kUsualSize);
  writer.number(kForm);
  for (const auto& [channel, counter] : counters) {
    writer.number(channel);
    writer.energy(counter.positive);
    writer.energy(counter.negative);
    // What is shown is mostly what is exact.
    writer.energy(counter.shown_positive - counter.positive);
    writer.energy(counter.shown_negative - counter.negative);
    writer.energy(counter.shown_net - counter.net());
    writer.number(static_cast<std::uint64_t>(epoch(counter.booked_from)));
    writer.number(static_cast<std::uint64_t>(epoch(counter.booked_until) - epoch(counter.booked_from)));
  }
  return writer.take();
}

std::optional<Counters> counters_from_bytes(const std::string& bytes) {
  ByteReader reader(bytes);
  if (reader.number() != kForm) return std::nullopt;
  Counters counters;
  while (reader.sound() && !reader.at_end()) {
    const std::uint64_t number = reader.number();
    const bool ascends = counters.empty() || number > counters.back().first;
    if (!ascends || number > kHighestChannel) return std::nullopt;
    const auto channel = static_cast<model::Channel>(number);
    if (!read(reader, channel, counters[channel])) return std::nullopt;
  }
  if (!reader.sound()) return std::nullopt;
  return counters;
}

}  // namespace emporia::ledger
