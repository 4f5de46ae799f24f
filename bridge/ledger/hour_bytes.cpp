#include "ledger/hour.hpp"

namespace emporia::ledger {
namespace {

// A form of one byte to begin with, so that another can follow.
constexpr char kFull = 1;
constexpr char kFolded = 2;

class Writer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  /// Small ones of either sign take few bytes.
  void energy(MicroWh value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ >= bytes_.size()) break;
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    sound_ = false;
    return 0;
  }
  MicroWh energy() {
    const std::uint64_t value = number();
    return static_cast<MicroWh>(value >> 1) ^ -static_cast<MicroWh>(value & 1);
  }
  bool sound() const { return sound_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
  bool sound_ = true;
};

}  // namespace

std::string to_bytes(const Hour& hour) {
  Writer writer;
  writer.number(hour.folded ? kFolded : kFull);
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
  Reader reader(bytes);
  const std::uint64_t form = reader.number();
  if (form != kFull && form != kFolded) return std::nullopt;
  Hour hour;
  hour.folded = form == kFolded;
  while (reader.sound() && !reader.at_end()) {
    ChannelHour& channel = hour.channels[static_cast<model::Channel>(reader.number())];
    channel.booked = ~reader.number() & kAllMinutes;
    if (hour.folded) {
      channel.folded.positive = reader.energy();
      channel.folded.negative = reader.energy();
      continue;
    }
    channel.of_quarter = reader.number();
    channel.of_hour = reader.number();
    for (unsigned i = 0; i < kMinutes; ++i) {
      if ((channel.booked >> i & 1) != 0) channel.energy[i] = reader.energy();
    }
  }
  if (!reader.sound()) return std::nullopt;
  return hour;
}

}  // namespace emporia::ledger
