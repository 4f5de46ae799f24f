// Time and room: printed, because they are figures of this machine, and held against what is promised.
#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "runtime/clock.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

/// A monitor with legs and circuits whose values have all their digits, as the service's have.
Booking full_monitor(const std::string& device, int first, int count) {
  std::map<model::Channel, std::vector<double>> channels;
  for (model::Channel channel = 1; channel <= 19; ++channel) {
    if (channel == 3) continue;
    for (int i = 0; i < count; ++i) {
      const auto mix = static_cast<unsigned>(first + i) * 2654435761U + channel * 40503U;
      channels[channel].push_back(channel > 15 ? 0.0 : (mix >> 8) % 60'000'000 / 1e6);
    }
  }
  if (channels.count(3) == 0) channels[3] = std::vector<double>(static_cast<std::size_t>(count), 0.5);
  Booking booking = minutes(device, first, channels);
  booking.model = model::DeviceModel::vue3;
  return booking;
}

std::uintmax_t size_of(const std::string& path) {
  std::uintmax_t size = 0;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (std::filesystem::exists(path + suffix)) size += std::filesystem::file_size(path + suffix);
  }
  return size;
}

}  // namespace

TEST_CASE("a round of a thousand monitors, 285,000 values, is booked in less than a second") {
  const support::TempDir folder;
  Store store(folder.file("ledger.db"));
  // The first round makes the rows, the second one crosses an hour, the third is an ordinary one.
  for (const int first : {30, 50, 70}) {
    std::vector<Booking> bookings;
    for (int device = 0; device < 1000; ++device) {
      bookings.push_back(full_monitor("monitor " + std::to_string(device), first, 15));
    }
    const auto before = runtime::read_clock().steady;
    REQUIRE(store.book(bookings).ok());
    const std::chrono::duration<double> took = runtime::read_clock().steady - before;
    MESSAGE("minutes from ", first, ": 285,000 values in ", took.count(), " s");
    CHECK(took.count() < 1.0);
  }
  // 19 channels and the two that are computed of them.
  const Counters& counters = store.counters(model::DeviceId("monitor 999"));
  CHECK(counters.size() == 21);
  CHECK(counters.at(3).positive_wh() == 0.5 * 45);
}

TEST_CASE("a month of five monitors takes less than 50 MB") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  std::uintmax_t most = 0;
  {
    Store store(path);
    for (int hour = 0; hour < 30 * 24; hour += 2) {
      std::vector<Booking> bookings;
      for (int device = 0; device < 5; ++device) {
        bookings.push_back(full_monitor("monitor " + std::to_string(device), hour * 60, 2 * 60));
      }
      REQUIRE(store.book(bookings).ok());
      most = std::max(most, size_of(path));
    }
  }
  MESSAGE("a month of five monitors: ", static_cast<double>(most) / 1e6, " MB at most, ",
          static_cast<double>(size_of(path)) / 1e6, " MB in the end");
  CHECK(most < 50'000'000);
}
