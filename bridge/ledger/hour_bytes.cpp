#include "ledger/byte_text.hpp"
#include "ledger/hour.hpp"

namespace emporia::ledger {
namespace {

// A form of one byte to begin with, so that another can follow.
constexpr char kFull = 1;
constexpr char kFolded = 2;
constexpr char kLost = 3;
constexpr char kDivided = 4;

// Of a channel that has all of its minutes.
constexpr std::size_t kUsualBytes = 256;
// More than any share of the largest buckets that can be booked, and few enough for a sum of sixty to be no overflow.
constexpr MicroWh kMostInAMinute = 100'000'000'000'000'000;

bool believable(MicroWh energy) {
  return energy >= -kMostInAMinute && energy <= kMostInAMinute;
}

bool read_sums(ByteReader& reader, ChannelHour& channel) {
  channel.folded.positive = reader.energy();
  channel.folded.negative = reader.energy();
  const auto sound = [](MicroWh sum) { return sum >= 0 && believable(sum / kMinutes); };
  return sound(channel.folded.positive) && sound(channel.folded.negative);
}

bool read_minutes(ByteReader& reader, ChannelHour& channel) {
  channel.of_quarter = reader.number();
  channel.of_hour = reader.number();
  if (((channel.of_quarter | channel.of_hour) & ~channel.booked) != 0) return false;
  for (unsigned i = 0; i < kMinutes; ++i) {
    if ((channel.booked >> i & 1) != 0) channel.energy[i] = reader.energy();
    if (!believable(channel.energy[i])) return false;
  }
  return true;
}

}  // namespace

std::string to_bytes(const Hour& hour) {
  ByteWriter writer;
  writer.reserve(hour.channels.size() * kUsualBytes);
  writer.number(hour.lost ? kLost : hour.folded ? kFolded : hour.divided ? kDivided : kFull);
  for (const auto& [number, channel] : hour.channels) {
    if (channel.booked == 0) continue;
    writer.number(number);
    writer.number(~channel.booked & kAllMinutes);  // a full hour is the rule, and a short number this way
    if (hour.folded) {
      writer.energy(channel.folded.positive);
      writer.energy(channel.folded.negative);
      continue;
    }
    writer.number(channel.of_quarter);
    writer.number(channel.of_hour);
    for (unsigned i = 0; i < kMinutes; ++i) {
      if ((channel.booked >> i & 1) != 0) writer.energy(channel.energy[i]);
    }
  }
  return writer.take();
}

std::optional<Hour> from_bytes(const std::string& bytes) {
  ByteReader reader(bytes);
  const std::uint64_t form = reader.number();
  if (form == kLost && reader.at_end()) return Hour::unreadable();
  if (form != kFull && form != kFolded && form != kDivided) return std::nullopt;
  Hour hour;
  hour.folded = form == kFolded;
  hour.divided = form == kDivided;
  while (reader.sound() && !reader.at_end()) {
    const std::uint64_t number = reader.number();
    const std::uint64_t unbooked = reader.number();
    const bool ascends = hour.channels.empty() || number > hour.channels.back().first;
    if (number == 0 || number > kHighestChannel || !ascends || (unbooked & ~kAllMinutes) != 0) return std::nullopt;
    ChannelHour& channel = hour.channels[static_cast<model::Channel>(number)];
    channel.booked = ~unbooked & kAllMinutes;
    if (!(hour.folded ? read_sums(reader, channel) : read_minutes(reader, channel))) return std::nullopt;
  }
  if (!reader.sound()) return std::nullopt;
  return hour;
}

}  // namespace emporia::ledger
