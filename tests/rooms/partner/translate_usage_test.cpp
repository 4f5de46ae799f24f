#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <sstream>

#include "partner/translate.hpp"
#include "rooms/partner/wire_text.hpp"

using namespace emporia;
using namespace emporia::partner;

namespace {

// A whole minute, quarter and hour: 2026-11-23T00:00:00Z.
constexpr std::int64_t kStart = 1795392000;

model::UtcSeconds at(std::int64_t seconds) {
  return model::UtcSeconds{std::chrono::seconds{seconds}};
}

/// Asks for devices "a" and "b", five minutes from kStart.
FetchUsage request(model::Scale scale = model::Scale::minutes, std::int64_t last = 240) {
  return {{model::DeviceId("a"), model::DeviceId("b")}, scale, at(kStart), at(kStart + last)};
}

/// "a @0,60 1:[1.5,nan] 4:[0,2]": device, starts after kStart, channels with their values.
std::string text_of(const Usage& usage) {
  std::ostringstream text;
  for (const auto& device : usage.devices) {
    text << (text.tellp() > 0 ? " | " : "") << device.device.text() << " @";
    for (const auto& start : device.starts) {
      text << (start == device.starts.front() ? "" : ",") << start.time_since_epoch().count() - kStart;
    }
    for (const auto& channel : device.channels) {
      text << " " << channel.channel << ":[";
      for (std::size_t i = 0; i < channel.energy_wh.size(); ++i) text << (i ? "," : "") << channel.energy_wh[i];
      text << "]";
    }
  }
  return text.str();
}

/// @n in the text stands for kStart + n.
std::string at_start(std::string text) {
  for (auto at = text.find('@'); at != std::string::npos; at = text.find('@')) {
    std::size_t digits = 0;
    const auto offset = std::stoll(text.substr(at + 1), &digits);
    text.replace(at, digits + 1, std::to_string(kStart + offset));
  }
  return text;
}

struct Case {
  const char* what;
  std::string reply;
  std::string kept;
  Noted odd;
};

void check(const std::vector<Case>& cases, const FetchUsage& asked = request()) {
  for (const Case& row : cases) {
    Oddities oddities;
    const Usage usage = from_wire(message<wire::DeviceUsageResponse>(at_start(row.reply)), asked, oddities);
    CHECK_MESSAGE(text_of(usage) == row.kept, row.what);
    CHECK_MESSAGE(noted(oddities) == row.odd, row.what);
  }
}

std::string device(const std::string& id, const std::string& rest) {
  return "device_usages { manufacturer_device_id: \"" + id + "\" " + rest + " } ";
}
std::string channel(int number, const std::string& values) {
  return "channel_usages { channel: " + std::to_string(number) + " usages: [" + values + "] } ";
}

}  // namespace

TEST_CASE("sound usage is kept as it is") {
  check({
      {"two devices of different length",
       device("a", "bucket_epoch_seconds: [@0, @60] " + channel(1, "1.5, -2") + channel(4, "0, 3")) +
           device("b", "bucket_epoch_seconds: [@120] " + channel(1, "7")),
       "a @0,60 1:[1.5,-2] 4:[0,3] | b @120 1:[7]",
       {}},
      {"a device left out", device("b", "bucket_epoch_seconds: [@0] " + channel(1, "7")), "b @0 1:[7]", {}},
      {"nobody has data", "", "", {}},
      {"the end of the range is part of it",
       device("a", "bucket_epoch_seconds: [@0, @240] " + channel(1, "1, 2")),
       "a @0,240 1:[1,2]",
       {}},
      {"no mains, one circuit", device("a", "bucket_epoch_seconds: [@0] " + channel(9, "1")), "a @0 9:[1]", {}},
  });
}

TEST_CASE("what has no value is missing, not zero") {
  check({
      {"NaN",
       device("a", "bucket_epoch_seconds: [@0, @60] " + channel(1, "nan, 1") + channel(4, "nan, nan")),
       "a @0,60 1:[nan,1] 4:[nan,nan]",
       {}},
      {"infinite",
       device("a", "bucket_epoch_seconds: [@0, @60, @120] " + channel(1, "inf, -inf, 3")),
       "a @0,60,120 1:[nan,nan,3]",
       {{Oddity::impossible_value, 2}}},
      {"more than a circuit can carry, either way",
       device("a", "bucket_epoch_seconds: [@0, @60, @120, @180] " + channel(1, "1e300, -1e300, 200000, 100000")),
       "a @0,60,120,180 1:[nan,nan,nan,100000]",
       {{Oddity::impossible_value, 3}}},
      {"minus zero is zero", device("a", "bucket_epoch_seconds: [@0] " + channel(1, "-0.0")), "a @0 1:[-0]", {}},
      {"no buckets", device("a", channel(1, "")), "", {}},
      {"no channels", device("a", "bucket_epoch_seconds: [@0]"), "", {}},
  });
}

TEST_CASE("a channel that does not fit its buckets is lost, its neighbours are not") {
  check({
      {"too few",
       device("a", "bucket_epoch_seconds: [@0, @60] " + channel(1, "1") + channel(2, "1, 2")),
       "a @0,60 2:[1,2]",
       {{Oddity::unequal_lengths, 1}}},
      {"too many",
       device("a", "bucket_epoch_seconds: [@0] " + channel(1, "1, 2") + channel(2, "3")),
       "a @0 2:[3]",
       {{Oddity::unequal_lengths, 1}}},
      {"none",
       device("a", "bucket_epoch_seconds: [@0] " + channel(1, "") + channel(2, "3")),
       "a @0 2:[3]",
       {{Oddity::unequal_lengths, 1}}},
      {"all of them",
       device("a", "bucket_epoch_seconds: [@0] " + channel(1, "1, 2")),
       "",
       {{Oddity::unequal_lengths, 1}}},
      {"repeated: the first is kept",
       device("a", "bucket_epoch_seconds: [@0] " + channel(4, "1") + channel(4, "2")),
       "a @0 4:[1]",
       {{Oddity::bad_channel, 1}}},
      {"numbers no channel has",
       device("a", "bucket_epoch_seconds: [@0] " + channel(0, "1") + channel(1000, "2") + channel(1001, "3") +
                       channel(101, "4")),
       "a @0 101:[4]",
       {{Oddity::bad_channel, 3}}},
  });
}

TEST_CASE("buckets must be on their edge, in the range and there once") {
  check({
      {"not on the edge",
       device("a", "bucket_epoch_seconds: [@0, @61, @120] " + channel(1, "1, 2, 3")),
       "a @0,120 1:[1,3]",
       {{Oddity::bad_bucket, 1}}},
      {"before and after the range",
       device("a", "bucket_epoch_seconds: [@-60, @0, @300] " + channel(1, "1, 2, 3")),
       "a @0 1:[2]",
       {{Oddity::bad_bucket, 2}}},
      {"out of order",
       device("a", "bucket_epoch_seconds: [@120, @0, @60] " + channel(1, "3, 1, 2") + channel(2, "6, 4, 5")),
       "a @0,60,120 1:[1,2,3] 2:[4,5,6]",
       {}},
      {"twice: the first is kept",
       device("a", "bucket_epoch_seconds: [@0, @0, @60] " + channel(1, "1, 2, 3")),
       "a @0,60 1:[1,3]",
       {{Oddity::bad_bucket, 1}}},
      {"far beyond any calendar",
       device("a",
              "bucket_epoch_seconds: [18446744073709551615, 9223372036854775808, 0, @0] " + channel(1, "1, 2, 3, 4")),
       "a @0 1:[4]",
       {{Oddity::bad_bucket, 3}}},
  });
}

TEST_CASE("devices must have been asked for, once") {
  check({
      {"a stranger",
       device("stranger", "bucket_epoch_seconds: [@0] " + channel(1, "1")) +
           device("a", "bucket_epoch_seconds: [@0] " + channel(1, "2")),
       "a @0 1:[2]",
       {{Oddity::device_not_asked_for, 1}}},
      {"without an id",
       device("", "bucket_epoch_seconds: [@0] " + channel(1, "1")),
       "",
       {{Oddity::device_without_id, 1}}},
      {"twice",
       device("a", "bucket_epoch_seconds: [@0] " + channel(1, "1")) +
           device("a", "bucket_epoch_seconds: [@60] " + channel(1, "2")),
       "a @0 1:[1]",
       {{Oddity::device_twice, 1}}},
      {"another case is another device",
       device("A", "bucket_epoch_seconds: [@0] " + channel(1, "1")),
       "",
       {{Oddity::device_not_asked_for, 1}}},
  });
}

TEST_CASE("another scale than asked for is not taken") {
  check({
      {"hours for minutes",
       device("a", "scale: Hours bucket_epoch_seconds: [@0] " + channel(1, "1")),
       "",
       {{Oddity::wrong_scale, 1}}},
      {"a scale there is not",
       device("a", "scale: 99 bucket_epoch_seconds: [@0] " + channel(1, "1")),
       "",
       {{Oddity::wrong_scale, 1}}},
  });
  check({{"hours as asked",
          device("a", "scale: Hours bucket_epoch_seconds: [@0, @3600, @5400] " + channel(1, "1, 2, 3")),
          "a @0,3600 1:[1,2]",
          {{Oddity::bad_bucket, 1}}}},
        request(model::Scale::hours, 7200));
  check({{"quarters as asked",
          device("a", "scale: FifteenMinutes bucket_epoch_seconds: [@0, @900, @960] " + channel(1, "1, 2, 3")),
          "a @0,900 1:[1,2]",
          {{Oddity::bad_bucket, 1}}}},
        request(model::Scale::fifteen_minutes, 900));
}

TEST_CASE("a range that starts within a bucket begins with that bucket") {
  auto asked = request(model::Scale::hours, 7200);
  asked.start = at(kStart + 1800);
  check({{"the first hour",
          device("a", "scale: Hours bucket_epoch_seconds: [@0, @3600] " + channel(1, "1, 2")),
          "a @0,3600 1:[1,2]",
          {}}},
        asked);
}

TEST_CASE("from days on buckets begin at the device's own midnight") {
  // Denver's midnight lies before the start that was asked for; a day of 25 hours follows.
  check(
      {{"days",
        device("a", "scale: Days bucket_epoch_seconds: [@-61200, @25200, @115200] " + channel(1, "20000, 30000, nan")),
        "a @-61200,25200,115200 1:[20000,30000,nan]",
        {}}},
      request(model::Scale::days, 200000));
}
