// The law of groups under schedules nobody would think of, against a model that is too simple to be wrong.
#include <cmath>
#include <doctest/doctest.h>
#include <optional>
#include <rapidcheck.h>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using model::DeviceId;

namespace {

constexpr int kSpan = 5 * 60;
const std::vector<std::string> kDevices{"a", "b", "c"};

using Source = std::pair<std::string, model::Channel>;

std::vector<Group> groups() {
  const auto member = [](const char* device, model::Channel channel, double factor) {
    return GroupMember{DeviceId(device), channel, factor};
  };
  return {{DeviceId("group:over"), {member("a", 1, 1), member("b", 4, -1), member("b", 1, 0.3), member("c", 1, 1)}},
          {DeviceId("group:pair"), {member("a", 1, 1), member("a", 4, 1)}},
          {DeviceId("group:share"), {member("c", 4, 0.3333), member("b", 4, 0.5)}}};
}

/// Latest values by device and channel, and where each device begins; in thousandths, so that sums need no tolerance.
struct Truth {
  std::map<Source, std::map<int, int>> milli_wh;
  std::map<std::string, int> starts;

  void tell(const std::string& device, int first,
            const std::map<model::Channel, std::vector<std::optional<int>>>& all) {
    if (starts.count(device) == 0) {
      std::optional<int> start;
      for (const auto& [channel, values] : all) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          const int at = first + static_cast<int>(i);
          if (values[i]) start = std::min(start.value_or(at), at);
        }
      }
      if (start) starts[device] = *start;
    }
    for (const auto& [channel, values] : all) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const int at = first + static_cast<int>(i);
        if (values[i] && at >= starts[device]) milli_wh[{device, channel}][at] = *values[i];
      }
    }
  }

  /// Over all minutes in which all members have values, each with its sign.
  Sums sum_of(const Group& group, int& minutes) const {
    Sums sums;
    minutes = 0;
    for (int at = 0; at < kSpan; ++at) {
      MicroWh energy = 0;
      bool whole = true;
      for (const GroupMember& member : group.members) {
        const auto values = milli_wh.find({member.device.text(), member.channel});
        whole = whole && values != milli_wh.end() && values->second.count(at) != 0;
        if (whole) energy += std::llround(1000.0 * values->second.at(at) * member.factor);
      }
      if (!whole) continue;
      sums.add(energy);
      ++minutes;
    }
    return sums;
  }
};

void check(const Truth& truth, const Store& store, std::map<DeviceId, Counter>& before) {
  for (const Group& group : groups()) {
    int minutes = 0;
    const Sums sums = truth.sum_of(group, minutes);
    const Counters& counters = store.counters(group.id);
    RC_ASSERT(counters.empty() == (minutes == 0));
    if (minutes == 0) continue;
    RC_ASSERT(counters.size() == 1U);
    const Counter& counter = counters.at(kGroupChannel);
    RC_ASSERT(counter.positive == sums.positive);
    RC_ASSERT(counter.negative == sums.negative);
    Counter& last = before[group.id];
    RC_ASSERT(counter.shown_positive >= std::max(counter.positive, last.shown_positive));
    RC_ASSERT(counter.shown_negative >= std::max(counter.negative, last.shown_negative));
    last = counter;
  }
}

}  // namespace

TEST_CASE("a group is the sum of all minutes in which all its members have values, in whatever way these come") {
  const bool held = rc::check([] {
    const support::TempDir folder;
    const std::string path = folder.file("ledger.db");
    const auto open = [&path] {
      auto store = std::make_unique<Store>(path);
      RC_ASSERT(store->set_groups(groups()).ok());
      return store;
    };
    auto store = open();
    Truth truth;
    std::map<DeviceId, Counter> shown;
    for (int step = *rc::gen::inRange(0, 25); step > 0; --step) {
      // One to three devices in one transaction, any of them twice.
      std::vector<Booking> bookings;
      Truth after = truth;
      for (int parts = *rc::gen::inRange(1, 4); parts > 0; --parts) {
        const std::string device = *rc::gen::elementOf(kDevices);
        const int first = *rc::gen::inRange(0, kSpan - 1);
        const auto length = static_cast<std::size_t>(*rc::gen::inRange(1, std::min(121, kSpan - first + 1)));
        std::map<model::Channel, std::vector<std::optional<int>>> told;
        std::map<model::Channel, std::vector<double>> values;
        for (const model::Channel channel : {1U, 4U}) {
          if (*rc::gen::inRange(0, 5) == 0) continue;
          const auto gap = *rc::gen::inRange(1, 9);
          for (const int milli_wh : *rc::gen::container<std::vector<int>>(length, rc::gen::inRange(-50'000, 50'000))) {
            const bool missing = milli_wh % gap == 1;
            told[channel].push_back(missing ? std::nullopt : std::optional(milli_wh));
            values[channel].push_back(missing ? kNone : milli_wh / 1000.0);
          }
        }
        after.tell(device, first, told);
        bookings.push_back(minutes(device, first, values));
      }
      const int fate = *rc::gen::inRange(0, 8);
      if (fate == 0) store = open();
      if (fate == 1) {
        // It breaks in the midst, when the group is written perhaps.
        Database other(path);
        other.run("CREATE TRIGGER stop BEFORE INSERT ON usage_hour BEGIN SELECT RAISE(ABORT, 'no room'); END");
        const auto booked = store->book(bookings);
        other.run("DROP TRIGGER stop");
        if (booked.ok()) RC_ASSERT(booked.value().empty());
        check(truth, *store, shown);
        continue;
      }
      RC_ASSERT(store->book(bookings).ok());
      truth = after;
      check(truth, *store, shown);
    }
    store = open();
    check(truth, *store, shown);
  });
  CHECK(held);
}

TEST_CASE(
    "once all values have come, in whatever order, what the circuits leave of the mains is right to the last bit") {
  const bool held = rc::check([] {
    Store store(":memory:");
    const Group rest{DeviceId("group:rest"),
                     {{DeviceId("a"), model::kMergedMains, 1}, {DeviceId("a"), 4, -1}, {DeviceId("b"), 4, -0.25}}};
    RC_ASSERT(store.set_groups({rest}).ok());
    std::map<Source, std::vector<int>> truth;
    const std::vector<Source> sources{{"a", 1}, {"a", 2}, {"a", 4}, {"b", 4}};
    for (const Source& source : sources) {
      truth[source] = *rc::gen::container<std::vector<int>>(180, rc::gen::inRange(-9000, 9000));
    }
    const auto tell = [&](int first, int length, const Source& source, bool right) {
      std::vector<double> values;
      for (int i = first; i < first + length; ++i) {
        const int told = truth[source][static_cast<std::size_t>(i)];
        values.push_back(right ? told / 1000.0 : (i % 5 == 0 ? kNone : i * 0.1));
      }
      Booking booking = minutes(source.first, first, {{source.second, values}});
      if (source.first == "a") booking.model = model::DeviceModel::vue2;
      RC_ASSERT(store.book({booking}).ok());
    };
    // Where the devices begin.
    tell(0, 1, sources[0], true);
    tell(0, 1, sources[3], true);
    for (int i = *rc::gen::inRange(0, 30); i > 0; --i) {
      const int first = *rc::gen::inRange(0, 179);
      tell(first, *rc::gen::inRange(1, 180 - first), *rc::gen::elementOf(sources), *rc::gen::arbitrary<bool>());
    }
    std::vector<std::pair<int, Source>> left;
    for (int first = 0; first < 180; first += 20) {
      for (const Source& source : sources) left.emplace_back(first, source);
    }
    while (!left.empty()) {
      const auto next = *rc::gen::inRange<std::size_t>(0, left.size());
      tell(left[next].first, 20, left[next].second, true);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(next));
    }
    Sums sums;
    for (std::size_t i = 0; i < 180; ++i) {
      const int whole = truth[sources[0]][i] + truth[sources[1]][i] - truth[sources[2]][i];
      sums.add(MicroWh{1000} * whole + std::llround(-0.25 * 1000 * truth[sources[3]][i]));
    }
    const Counter& counter = store.counters(rest.id).at(kGroupChannel);
    RC_ASSERT(counter.positive == sums.positive);
    RC_ASSERT(counter.negative == sums.negative);
  });
  CHECK(held);
}
