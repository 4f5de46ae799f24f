// The law of the ledger under schedules nobody would think of, against a model that is too simple to be wrong.
#include <doctest/doctest.h>
#include <optional>
#include <rapidcheck.h>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using model::Scale;

namespace {

constexpr int kHours = 6;
constexpr int kSpan = kHours * 60;
constexpr model::Channel kLastTried = 4;

/// What the service tells: by channel and minute, in millionths so that sums need no tolerance.
struct Portion {
  int first = 0;
  std::map<model::Channel, std::vector<std::optional<int>>> milli_wh;
};

/// Bucket to latest value, and nothing else.
using Truth = std::map<model::Channel, std::map<int, int>>;

rc::Gen<std::optional<int>> value() {
  return rc::gen::weightedOneOf<std::optional<int>>(
      {{1, rc::gen::just(std::optional<int>())},
       {4, rc::gen::map(rc::gen::inRange(-50'000, 50'000), [](int v) { return std::optional<int>(v); })}});
}

rc::Gen<Portion> portion() {
  return rc::gen::exec([] {
    Portion portion;
    portion.first = *rc::gen::inRange(0, kSpan - 1);
    const int length = *rc::gen::inRange(1, std::min(91, kSpan - portion.first + 1));
    const int channels = *rc::gen::inRange(1, 4);
    for (int i = 0; i < channels; ++i) {
      const auto channel = *rc::gen::inRange<model::Channel>(1, kLastTried + 1);
      portion.milli_wh[channel] =
          *rc::gen::container<std::vector<std::optional<int>>>(static_cast<std::size_t>(length), value());
    }
    return portion;
  });
}

Booking booking_of(const Portion& portion, model::DeviceModel device_model) {
  std::map<model::Channel, std::vector<double>> values;
  for (const auto& [channel, milli_wh] : portion.milli_wh) {
    for (const auto& told : milli_wh) values[channel].push_back(told ? *told / 1000.0 : kNone);
  }
  Booking booking = minutes("a", portion.first, values);
  booking.model = device_model;
  return booking;
}

/// The first booking decides where the device begins.
void tell(Truth& truth, std::optional<int>& start, const Portion& portion) {
  if (!start) {
    for (const auto& [channel, values] : portion.milli_wh) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const int at = portion.first + static_cast<int>(i);
        if (values[i]) start = std::min(start.value_or(at), at);
      }
    }
  }
  for (const auto& [channel, values] : portion.milli_wh) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int at = portion.first + static_cast<int>(i);
      if (values[i] && start && at >= *start) truth[channel][at] = *values[i];
    }
  }
}

void check_channels(const Truth& truth, const Counters& counters) {
  for (model::Channel channel = 1; channel <= kLastTried; ++channel) {
    const auto told = truth.find(channel);
    const auto counter = counters.find(channel);
    RC_ASSERT((told == truth.end()) == (counter == counters.end()));
    if (told == truth.end()) continue;
    MicroWh positive = 0;
    MicroWh negative = 0;
    for (const auto& [at, milli_wh] : told->second) {
      (milli_wh < 0 ? negative : positive) += MicroWh{1000} * std::abs(milli_wh);
    }
    RC_ASSERT(counter->second.positive == positive);
    RC_ASSERT(counter->second.negative == negative);
    RC_ASSERT(counter->second.booked_from == minute(told->second.begin()->first));
    RC_ASSERT(counter->second.booked_until == minute(told->second.rbegin()->first + 1));
  }
}

/// Nothing that is shown may fall, and it is never below what is exact.
void check_shown(const Counters& before, const Counters& after) {
  for (const auto& [channel, counter] : after) {
    RC_ASSERT(counter.shown_positive >= counter.positive);
    RC_ASSERT(counter.shown_negative >= counter.negative);
    RC_ASSERT(counter.shown_net >= counter.net());
    const auto old = before.find(channel);
    if (old == before.end()) continue;
    RC_ASSERT(counter.shown_positive >= old->second.shown_positive);
    RC_ASSERT(counter.shown_negative >= old->second.shown_negative);
    RC_ASSERT(counter.shown_net >= old->second.shown_net);
  }
}

}  // namespace

TEST_CASE("whatever the order, overlap, repetition, revision, gaps, restarts and failures: each bucket once") {
  const bool held = rc::check([] {
    const support::TempDir folder;
    const std::string path = folder.file("ledger.db");
    const auto device_model = *rc::gen::element(model::DeviceModel::vue2, model::DeviceModel::outlet);
    auto store = std::make_unique<Store>(path);
    Truth truth;
    std::optional<int> start;
    const auto portions = *rc::gen::scale(0.4, rc::gen::container<std::vector<Portion>>(portion()));
    for (const Portion& next : portions) {
      const Counters before = store->counters(model::DeviceId("a"));
      const int fate = *rc::gen::inRange(0, 10);
      if (fate == 0) store = std::make_unique<Store>(path);
      if (fate == 1) {
        // It breaks in the midst, after some rows are written.
        Database other(path);
        other.run("CREATE TRIGGER stop BEFORE INSERT ON usage_hour BEGIN SELECT RAISE(ABORT, 'no room'); END");
        const bool booked = store->book({booking_of(next, device_model)}).ok();
        other.run("DROP TRIGGER stop");
        if (booked) RC_ASSERT(store->book({booking_of(next, device_model)}).value().empty());
        RC_ASSERT(store->counters(model::DeviceId("a")) == before);
        continue;
      }
      RC_ASSERT(store->book({booking_of(next, device_model)}).ok());
      tell(truth, start, next);
      check_channels(truth, store->counters(model::DeviceId("a")));
      check_shown(before, store->counters(model::DeviceId("a")));
    }
    const Counters last = store->counters(model::DeviceId("a"));
    store = std::make_unique<Store>(path);
    RC_ASSERT(store->counters(model::DeviceId("a")) == last);
  });
  CHECK(held);
}

TEST_CASE("once all values have come, in whatever order, mains and balance are the sums of all minutes") {
  const bool held = rc::check([] {
    Store store(":memory:");
    // By channel and minute of three hours; the legs are 1 and 2.
    std::map<model::Channel, std::vector<int>> truth;
    for (model::Channel channel = 1; channel <= kLastTried; ++channel) {
      if (channel != 3) truth[channel] = *rc::gen::container<std::vector<int>>(180, rc::gen::inRange(-9000, 9000));
    }
    const auto tell_part = [&](int first, int length, model::Channel channel, bool right) {
      std::vector<double> values;
      for (int i = first; i < first + length; ++i) {
        values.push_back(right ? truth[channel][static_cast<std::size_t>(i)] / 1000.0 : (i % 5 == 0 ? kNone : i * 0.1));
      }
      RC_ASSERT(store.book({monitor(first, {{channel, values}})}).ok());
    };
    tell_part(0, 1, 1, true);  // where the device begins
    for (int i = *rc::gen::inRange(0, 30); i > 0; --i) {
      const int first = *rc::gen::inRange(0, 179);
      const int length = *rc::gen::inRange(1, 180 - first);
      tell_part(first, length, *rc::gen::element<model::Channel>(1, 2, 4), *rc::gen::arbitrary<bool>());
    }
    std::vector<std::pair<int, model::Channel>> rest;
    for (int first = 0; first < 180; first += 20) {
      for (const model::Channel channel : {1U, 2U, 4U}) rest.emplace_back(first, channel);
    }
    // A shuffle of what is told at last.
    while (!rest.empty()) {
      const auto next = *rc::gen::inRange<std::size_t>(0, rest.size());
      tell_part(rest[next].first, 20, rest[next].second, true);
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(next));
    }
    Sums mains;
    Sums balance;
    for (std::size_t i = 0; i < 180; ++i) {
      mains.add(MicroWh{1000} * (truth[1][i] + truth[2][i]));
      balance.add(MicroWh{1000} * (truth[1][i] + truth[2][i] - truth[4][i]));
    }
    const Counters& counters = store.counters(model::DeviceId("a"));
    const Counter& merged = counters.at(model::kMergedMains);
    const Counter& left = counters.at(model::kBalance);
    RC_ASSERT(merged.positive == mains.positive);
    RC_ASSERT(merged.negative == mains.negative);
    RC_ASSERT(left.positive == balance.positive);
    RC_ASSERT(left.negative == balance.negative);
  });
  CHECK(held);
}

namespace {

/// The rule of mixed scales, told over buckets: a bucket owns the minutes that nobody owned when it came first, and
/// what it adds is its value less what the others have within it, read when it was told last.
struct MixedTruth {
  struct Bucket {
    int length = 1;
    std::vector<int> minutes;
    MicroWh adds = 0;
  };
  std::map<std::pair<int, int>, Bucket> buckets;
  std::map<int, std::pair<int, int>> owner;
  int start = 0;

  void tell(int first, int length, MicroWh energy) {
    if (first < start) return;
    const std::pair<int, int> key{length, first};
    for (int i = first; i < first + length; ++i) {
      if (owner.count(i) != 0) continue;
      owner[i] = key;
      buckets[key].minutes.push_back(i);
    }
    if (buckets.count(key) == 0) return;
    // All energy here is of one sign, so that a bucket's part in another one is the share of its minutes there.
    std::map<std::pair<int, int>, int> others;
    for (int i = first; i < first + length; ++i) {
      if (owner[i] != key) ++others[owner[i]];
    }
    MicroWh rest = energy;
    for (const auto& [other, minutes] : others) {
      const Bucket& bucket = buckets[other];
      rest -= bucket.adds * minutes / static_cast<MicroWh>(bucket.minutes.size());
    }
    buckets[key].adds = std::max(rest, MicroWh{0});
  }
  MicroWh sum() const {
    MicroWh sum = 0;
    for (const auto& [key, bucket] : buckets) sum += bucket.adds;
    return sum;
  }
};

}  // namespace

TEST_CASE("minutes, quarters and hours in any mixture count every minute once") {
  const bool held = rc::check([] {
    Store store(":memory:");
    MixedTruth truth;
    const auto tell = [&](Scale scale, int number, int energy_wh) {
      const int length = static_cast<int>(model::bucket_length(scale) / std::chrono::minutes{1});
      // Whole multiples, so that every share of a minute is a whole number of millionths.
      truth.tell(number * length, length, MicroWh{1'000'000} * energy_wh);
      RC_ASSERT(store.book({buckets("a", scale, number * length, {{1, {static_cast<double>(energy_wh)}}})}).ok());
      const Counter& counter = store.counters(model::DeviceId("a")).at(1);
      // Shares are rounded to a millionth in the model only where minutes do not divide a rest.
      RC_ASSERT(std::abs(counter.positive - truth.sum()) <= 60 * static_cast<MicroWh>(truth.buckets.size()));
      RC_ASSERT(counter.negative == 0);
    };
    tell(Scale::minutes, 0, 5);
    for (int i = *rc::gen::inRange(0, 60); i > 0; --i) {
      const auto scale = *rc::gen::element(Scale::minutes, Scale::fifteen_minutes, Scale::hours);
      const int length = static_cast<int>(model::bucket_length(scale) / std::chrono::minutes{1});
      tell(scale, *rc::gen::inRange(0, 180 / length), *rc::gen::inRange(0, 1000) * length);
    }
  });
  CHECK(held);
}

TEST_CASE("over weeks: what was missing is booked once at any age, beside hours that are sums only") {
  const bool held = rc::check([] {
    Store store(":memory:");
    std::map<int, int> truth;
    int newest = 0;
    const auto tell = [&](int first, int length, int milli_wh) {
      std::vector<double> values;
      for (int at = first; at < first + length; ++at) {
        // A day back all may be revised; before that only what is missing is told.
        const bool open = at >= newest - 24 * 60 || truth.count(at) == 0;
        values.push_back(open ? milli_wh / 1000.0 : kNone);
        if (open) truth[at] = milli_wh;
      }
      newest = std::max(newest, first + length);
      RC_ASSERT(store.book({minutes("a", first, {{1, values}})}).ok());
      MicroWh sum = 0;
      for (const auto& entry : truth) sum += MicroWh{1000} * entry.second;
      RC_ASSERT(store.counters(model::DeviceId("a")).at(1).positive == sum);
    };
    tell(0, 1, 1000);
    for (int i = *rc::gen::inRange(0, 60); i > 0; --i) {
      const bool onward = *rc::gen::arbitrary<bool>();
      const int first = onward ? newest - *rc::gen::inRange(0, std::min(newest, 300)) : *rc::gen::inRange(0, newest);
      tell(first + (onward && i % 9 == 0 ? 4000 : 0), *rc::gen::inRange(1, 1000), *rc::gen::inRange(0, 90'000));
    }
  });
  CHECK(held);
}
