// The parts of a poll's way through the bridge, one by one, for the portion of one device or of many: decoding and
// translating replies, planning, booking, rendering a state, and what differs at the broker.
//
//   functions [Google Benchmark's options]      such as --benchmark_filter=booking
#include <benchmark/benchmark.h>
#include <filesystem>
#include <google/protobuf/arena.h>

#include "homeassistant/discovery.hpp"
#include "homeassistant/state_payload.hpp"
#include "ledger/store.hpp"
#include "mqtt/retained.hpp"
#include "partner/translate.hpp"
#include "polling/planner.hpp"
#include "polling/window.hpp"
#include "runtime/text.hpp"

using namespace emporia;
using namespace std::chrono_literals;

namespace {

constexpr model::UtcSeconds kStart = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 15h;
constexpr unsigned kChannels = 19;
constexpr unsigned kMinutes = 5;

model::DeviceId id_of(std::size_t number) {
  return model::DeviceId(runtime::concat("F2310A04B4240AC4", 100'000 + number));
}

model::Device monitor(std::size_t number) {
  model::Device device;
  device.id = id_of(number);
  device.model = model::DeviceModel::vue3;
  device.name = runtime::concat("House ", number);
  device.timezone = "America/New_York";
  device.connected = true;
  for (model::Channel channel = 1; channel <= kChannels; ++channel) {
    device.circuits.push_back({channel,
                               channel <= 3 ? model::CircuitType::main_200a : model::CircuitType::expansion_50a,
                               model::EnergyDirection::consumption, "Other", runtime::concat("Room ", channel)});
  }
  return device;
}

/// Values that are no round numbers, as a meter's are not.
double energy_wh(std::size_t device, unsigned channel, unsigned minute) {
  return static_cast<double>((device * 31 + channel * 7 + minute * 13) % 997) / 37.0;
}

std::string usage_reply(std::size_t devices) {
  partner::wire::DeviceUsageResponse reply;
  for (std::size_t i = 0; i < devices; ++i) {
    auto* usage = reply.add_device_usages();
    usage->set_manufacturer_device_id(id_of(i).text());
    for (unsigned minute = 0; minute < kMinutes; ++minute) {
      usage->add_bucket_epoch_seconds(static_cast<std::uint64_t>((kStart + minute * 1min).time_since_epoch().count()));
    }
    for (unsigned channel = 1; channel <= kChannels; ++channel) {
      auto* values = usage->add_channel_usages();
      values->set_channel(channel);
      for (unsigned minute = 0; minute < kMinutes; ++minute) values->add_usages(energy_wh(i, channel, minute));
    }
  }
  return reply.SerializeAsString();
}

partner::FetchUsage usage_request(std::size_t devices) {
  partner::FetchUsage request;
  for (std::size_t i = 0; i < devices; ++i) request.devices.push_back(id_of(i));
  request.scale = model::Scale::minutes;
  request.start = kStart;
  request.end = kStart + (kMinutes - 1) * 1min;
  return request;
}

void count_devices(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void decoding(benchmark::State& state) {
  const std::string bytes = usage_reply(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    google::protobuf::Arena arena;
    auto* const reply = google::protobuf::Arena::CreateMessage<partner::wire::DeviceUsageResponse>(&arena);
    if (!reply->ParseFromString(bytes)) state.SkipWithError("not decoded");
  }
  count_devices(state);
}

void decoding_and_translating(benchmark::State& state) {
  const auto devices = static_cast<std::size_t>(state.range(0));
  const std::string bytes = usage_reply(devices);
  const partner::FetchUsage request = usage_request(devices);
  for (auto _ : state) {
    google::protobuf::Arena arena;
    auto* const reply = google::protobuf::Arena::CreateMessage<partner::wire::DeviceUsageResponse>(&arena);
    reply->ParseFromString(bytes);
    partner::Oddities oddities;
    const partner::Usage usage = partner::from_wire(*reply, request, oddities);
    if (usage.devices.size() != devices) state.SkipWithError("not translated");
  }
  count_devices(state);
}

void planning(benchmark::State& state) {
  std::vector<polling::UsageState> devices;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    devices.push_back({id_of(static_cast<std::size_t>(i)), kStart - (i % 7) * 1min});
  }
  for (auto _ : state) benchmark::DoNotOptimize(polling::usage_windows(devices, kStart + 5min, true));
  count_devices(state);
}

/// As the bridge books: fifty devices in one transaction that is synced to the disk.
void booking(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / "e2m-functions";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  {
    ledger::Store store((folder / "ledger.sqlite").string());
    unsigned round = 0;
    for (auto _ : state) {
      state.PauseTiming();
      std::vector<ledger::Booking> bookings;
      for (std::int64_t i = 0; i < state.range(0); ++i) {
        ledger::Booking booking;
        booking.model = model::DeviceModel::vue3;
        booking.usage = {id_of(static_cast<std::size_t>(i)), model::Scale::minutes, {}, {}};
        for (unsigned minute = 0; minute < kMinutes; ++minute) {
          booking.usage.starts.push_back(kStart + (round * kMinutes + minute) * 1min);
        }
        for (model::Channel channel = 1; channel <= kChannels; ++channel) {
          booking.usage.channels.push_back({channel, {}});
          for (unsigned minute = 0; minute < kMinutes; ++minute) {
            booking.usage.channels.back().energy_wh.push_back(energy_wh(static_cast<std::size_t>(i), channel, minute));
          }
        }
        bookings.push_back(std::move(booking));
      }
      ++round;
      state.ResumeTiming();
      if (!store.book(bookings)) state.SkipWithError("not booked");
    }
  }
  std::filesystem::remove_all(folder);
  count_devices(state);
}

model::DevicePicture picture() {
  model::DevicePicture picture;
  picture.device = monitor(1);
  picture.as_of = kStart;
  picture.seen_at = kStart;
  std::vector<model::Channel> channels{model::kMergedMains, model::kBalance};
  for (model::Channel channel = 1; channel <= kChannels; ++channel) channels.push_back(channel);
  for (const model::Channel channel : channels) {
    model::Reading& reading = picture.readings[channel];
    reading.power_w = 12.3 * channel;
    reading.positive_wh = reading.exact_positive_wh = 123'456.789012 + channel;
    reading.negative_wh = reading.exact_negative_wh = 0;
    reading.net_wh = reading.positive_wh;
    reading.today = model::PeriodEnergy{1234.567891, 0};
    reading.cycle = model::PeriodEnergy{23'456.789123, 0};
  }
  return picture;
}

void rendering_a_state(benchmark::State& state) {
  const model::DevicePicture shown = picture();
  const homeassistant::DiscoveryContext context;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto circuits = model::shown_circuits(shown, false);
    const auto labels = homeassistant::labels_of(shown.device, circuits, context);
    bytes += json::to_text(homeassistant::device_state(shown, circuits, labels)).size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void announcing_a_device(benchmark::State& state) {
  const model::DevicePicture shown = picture();
  const homeassistant::DiscoveryContext context;
  for (auto _ : state) {
    const auto circuits = model::shown_circuits(shown, false);
    for (const auto& discovery : homeassistant::device_discovery(shown, circuits, context)) {
      benchmark::DoNotOptimize(discovery.payload());
    }
  }
}

/// Of all topics each second one gets another payload; what differs is taken and acknowledged.
void difference_of_what_stands(benchmark::State& state) {
  mqtt::Retained retained;
  const auto topics = static_cast<std::size_t>(state.range(0));
  std::vector<std::string> names;
  const std::string payloads[] = {std::string(6000, 'a'), std::string(6000, 'b')};
  for (std::size_t i = 0; i < topics; ++i) names.push_back(runtime::concat("emporia/", id_of(i).text(), "/state"));
  unsigned round = 0;
  for (auto _ : state) {
    ++round;
    for (std::size_t i = 0; i < topics; ++i) retained.want(names[i], payloads[i % 2 == 0 ? round % 2 : 0]);
    while (const auto change = retained.take()) retained.delivered(std::string(change->topic), true);
  }
  count_devices(state);
}

BENCHMARK(decoding)->Arg(1)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(decoding_and_translating)->Arg(1)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(planning)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(booking)->Arg(1)->Arg(50)->Unit(benchmark::kMicrosecond)->Iterations(100);
BENCHMARK(rendering_a_state)->Unit(benchmark::kMicrosecond);
BENCHMARK(announcing_a_device)->Unit(benchmark::kMicrosecond);
BENCHMARK(difference_of_what_stands)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
