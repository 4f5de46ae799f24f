#include "model/derive.hpp"

#include <doctest/doctest.h>
#include <map>
#include <sstream>

using namespace emporia::model;
using namespace std::chrono_literals;

namespace {

constexpr double kNone = kMissing;
const UtcSeconds kStart{std::chrono::seconds{1795392000}};

using Channels = std::map<Channel, std::vector<double>>;

/// When each channel had its last value, before the first bucket.
using Ago = std::map<Channel, std::chrono::minutes>;

/// "mains 3,4 balance 1,2", or "nothing" where nothing was appended; a missing value is "?".
std::string derived(DeviceModel model, const Channels& channels, const Ago& ago = {}) {
  DeviceUsage usage;
  for (const auto& [channel, values] : channels) {
    usage.starts.clear();
    for (std::size_t i = 0; i < values.size(); ++i) usage.starts.push_back(kStart + 1min * static_cast<int>(i));
    usage.channels.push_back({channel, values});
  }
  LastKnown last_known;
  for (const auto& [channel, time] : ago) last_known[channel] = kStart - time;
  Device device;
  device.model = model;
  const std::size_t before = usage.channels.size();
  append_derived(usage, device, last_known);

  std::ostringstream text;
  for (std::size_t i = before; i < usage.channels.size(); ++i) {
    text << (i > before ? " " : "") << (usage.channels[i].channel == kMergedMains ? "mains " : "balance ");
    CHECK(usage.channels[i].energy_wh.size() == usage.starts.size());
    for (std::size_t k = 0; k < usage.starts.size(); ++k) {
      const double value = usage.channels[i].energy_wh[k];
      text << (k ? "," : "");
      is_known(value) ? text << value : text << "?";
    }
  }
  return text.str().empty() ? "nothing" : text.str();
}

}  // namespace

TEST_CASE("merged mains and balance, bucket by bucket") {
  const struct {
    const char* what;
    Channels channels;
    Ago last_known;
    const char* derived;
  } cases[] = {
      {"two legs and two circuits",
       {{1, {10, 20}}, {2, {5, 5}}, {4, {3, 1}}, {5, {2, 2}}},
       {},
       "mains 15,25 balance 10,22"},
      {"three legs", {{1, {1}}, {2, {2}}, {3, {4}}}, {}, "mains 7 balance 7"},
      {"one leg", {{1, {1}}}, {}, "mains 1 balance 1"},
      {"legs that flow against each other are summed", {{1, {-10}}, {2, {4}}}, {}, "mains -6 balance -6"},
      {"generation counts with its sign: the house used 2 and 6 more",
       {{1, {-4}}, {4, {-6}}},
       {},
       "mains -4 balance 2"},
      {"a balance may be negative", {{1, {5}}, {4, {6}}}, {}, "mains 5 balance -1"},
      {"no leg at all", {{4, {1}}, {9, {2}}}, {}, "nothing"},
      {"a leg without a value makes its bucket missing",
       {{1, {10, 20}}, {2, {5, kNone}}},
       {},
       "mains 15,? balance 15,?"},
      {"a circuit without a value makes the balance missing",
       {{1, {10, 20}}, {4, {kNone, 1}}},
       {},
       "mains 10,20 balance ?,19"},
      {"a leg never fitted is not waited for", {{1, {10}}, {2, {5}}, {3, {kNone}}}, {}, "mains 15 balance 15"},
      {"a circuit never fitted neither", {{1, {10}}, {4, {kNone}}}, {}, "mains 10 balance 10"},
      {"a leg that reported an hour ago is waited for", {{1, {10}}, {2, {kNone}}}, {{2, 60min}}, "mains ? balance ?"},
      {"also when the reply leaves it out", {{1, {10}}}, {{2, 60min}}, "mains ? balance ?"},
      {"a circuit left out spoils the balance only", {{1, {10}}}, {{4, 60min}}, "mains 10 balance ?"},
      {"a clamp taken off days ago is not waited for",
       {{1, {10}}, {2, {kNone}}},
       {{2, 2880min}},
       "mains 10 balance 10"},
      {"not even when listed no more", {{1, {10}}}, {{2, 1440min}, {4, 1500min}}, "mains 10 balance 10"},
      {"a minute short of a day it still is", {{1, {10}}}, {{2, 1439min}}, "mains ? balance ?"},
      {"all legs away for a while", {{4, {1, 1}}}, {{1, 5min}}, "mains ?,? balance ?,?"},
      {"a merged circuit is not counted beside its legs",
       {{1, {10}}, {4, {2}}, {5, {3}}, {101, {5}}},
       {},
       "mains 10 balance 5"},
      {"nor waited for", {{1, {10}}}, {{101, 5min}, {kMergedMains, 5min}, {kBalance, 5min}}, "mains 10 balance 10"},
      {"the last circuit of a monitor counts", {{1, {10}}, {19, {4}}, {20, {1}}}, {}, "mains 10 balance 6"},
      {"no buckets", {{1, {}}}, {}, "nothing"},
  };
  for (const auto& row : cases) {
    for (const DeviceModel model : {DeviceModel::vue1, DeviceModel::vue2, DeviceModel::vue3}) {
      CHECK_MESSAGE(derived(model, row.channels, row.last_known) == row.derived, row.what);
    }
  }
}

TEST_CASE("what is no monitor has no mains") {
  for (const DeviceModel model : {DeviceModel::unknown, DeviceModel::outlet, DeviceModel::ev_charger,
                                  DeviceModel::battery, DeviceModel::utility_connect}) {
    CHECK(derived(model, {{1, {10}}, {2, {5}}}) == "nothing");
  }
}
