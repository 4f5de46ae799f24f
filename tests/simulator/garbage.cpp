#include <algorithm>
#include <limits>

#include "simulator/answers.hpp"

namespace simulator {
namespace {

using Usages = api::DeviceUsageResponse;
using Inventory = api::DeviceInventoryResponse;

Usages::DeviceUsage* first_usage(google::protobuf::Message& reply) {
  auto* const usages = dynamic_cast<Usages*>(&reply);
  return usages != nullptr && !usages->device_usages().empty() ? usages->mutable_device_usages(0) : nullptr;
}

google::protobuf::RepeatedField<double>* first_values(google::protobuf::Message& reply) {
  auto* const usage = first_usage(reply);
  return usage != nullptr && !usage->channel_usages().empty() ? usage->mutable_channel_usages(0)->mutable_usages()
                                                              : nullptr;
}

google::protobuf::RepeatedField<std::uint64_t>* first_starts(google::protobuf::Message& reply, int least) {
  auto* const usage = first_usage(reply);
  return usage != nullptr && usage->bucket_epoch_seconds_size() >= least ? usage->mutable_bucket_epoch_seconds()
                                                                         : nullptr;
}

bool set_value(google::protobuf::Message& reply, double value) {
  auto* const values = first_values(reply);
  if (values == nullptr || values->empty()) return false;
  values->Set(values->size() / 2, value);
  return true;
}

bool add_channel(google::protobuf::Message& reply, std::uint32_t number) {
  auto* const usage = first_usage(reply);
  if (usage == nullptr || usage->channel_usages().empty()) return false;
  *usage->add_channel_usages() = usage->channel_usages(0);
  usage->mutable_channel_usages(usage->channel_usages_size() - 1)->set_channel(number);
  return true;
}

// Every id in the first entry of any reply, wherever the message keeps it.
bool set_id(google::protobuf::Message& reply, const std::string& id) {
  if (auto* const usage = first_usage(reply)) {
    usage->set_manufacturer_device_id(id);
  } else if (auto* inventory = dynamic_cast<Inventory*>(&reply);
             inventory != nullptr && inventory->devices_size() > 0) {
    inventory->mutable_devices(0)->set_manufacturer_device_id(id);
  } else if (auto* outlets = dynamic_cast<api::OutletsResponse*>(&reply);
             outlets != nullptr && outlets->outlets_size() > 0) {
    outlets->mutable_outlets(0)->set_manufacturer_device_id(id);
  } else if (auto* chargers = dynamic_cast<api::EVChargersResponse*>(&reply);
             chargers != nullptr && chargers->evchargers_size() > 0) {
    chargers->mutable_evchargers(0)->mutable_settings()->set_manufacturer_device_id(id);
  } else if (auto* batteries = dynamic_cast<api::BatteriesResponse*>(&reply);
             batteries != nullptr && batteries->batteries_size() > 0) {
    batteries->mutable_batteries(0)->mutable_settings()->set_manufacturer_device_id(id);
  } else if (auto* meters = dynamic_cast<api::UtilityConnectsResponse*>(&reply);
             meters != nullptr && meters->utility_connects_size() > 0) {
    meters->mutable_utility_connects(0)->set_manufacturer_device_id(id);
  } else {
    return false;
  }
  return true;
}

// The first entry of the reply's list once more.
bool repeat_first(google::protobuf::Message& reply) {
  const auto* const list = reply.GetDescriptor()->field(0);
  if (!list->is_repeated() || reply.GetReflection()->FieldSize(reply, list) == 0) return false;
  const auto& first = reply.GetReflection()->GetRepeatedMessage(reply, list, 0);
  const std::unique_ptr<google::protobuf::Message> copy(first.New());
  copy->CopyFrom(first);
  reply.GetReflection()->AddMessage(&reply, list)->CopyFrom(*copy);
  return true;
}

bool strange_enums(google::protobuf::Message& reply) {
  auto* const inventory = dynamic_cast<Inventory*>(&reply);
  if (inventory == nullptr || inventory->devices().empty()) return false;
  auto& device = *inventory->mutable_devices(0);
  device.set_model(static_cast<Inventory::Device::DeviceModel>(4711));
  if (device.circuit_infos().empty()) return true;
  auto& circuit = *device.mutable_circuit_infos(0);
  circuit.set_type(static_cast<Inventory::Device::CircuitInfo::CircuitType>(-3));
  circuit.set_energy_direction(static_cast<Inventory::Device::CircuitInfo::EnergyDirection>(99));
  return true;
}

bool long_names(google::protobuf::Message& reply) {
  auto* const inventory = dynamic_cast<Inventory*>(&reply);
  if (inventory == nullptr || inventory->devices().empty()) return false;
  auto& device = *inventory->mutable_devices(0);
  device.set_device_name(std::string(10'000, 'x'));
  for (auto& circuit : *device.mutable_circuit_infos()) circuit.set_name(std::string(10'000, 'y'));
  return true;
}

bool change_starts(google::protobuf::Message& reply, int least,
                   void (*change)(google::protobuf::RepeatedField<std::uint64_t>&)) {
  auto* const starts = first_starts(reply, least);
  if (starts == nullptr) return false;
  change(*starts);
  return true;
}

struct Kind {
  std::string_view name, what;
  bool (*spoil)(google::protobuf::Message& reply);
};

constexpr Kind kKinds[] = {
    {"short-values", "one channel has fewer values than there are buckets",
     [](auto& reply) {
       auto* const values = first_values(reply);
       if (values == nullptr || values->empty()) return false;
       values->RemoveLast();
       return true;
     }},
    {"long-values", "one channel has more values than there are buckets",
     [](auto& reply) {
       auto* const values = first_values(reply);
       if (values == nullptr) return false;
       values->Add(1);
       return true;
     }},
    {"no-starts", "values without bucket starts",
     [](auto& reply) { return change_starts(reply, 1, [](auto& starts) { starts.Clear(); }); }},
    {"descending", "bucket starts in falling order",
     [](auto& reply) {
       return change_starts(reply, 2, [](auto& starts) { std::reverse(starts.begin(), starts.end()); });
     }},
    {"duplicate-starts", "one bucket start twice",
     [](auto& reply) { return change_starts(reply, 2, [](auto& starts) { starts.Set(1, starts.Get(0)); }); }},
    {"unaligned", "bucket starts off the minute",
     [](auto& reply) {
       return change_starts(reply, 1, [](auto& starts) {
         for (auto& start : starts) start += 7;
       });
     }},
    {"future", "bucket starts in the far future",
     [](auto& reply) {
       return change_starts(
           reply, 1, [](auto& starts) { starts.Set(starts.size() - 1, std::numeric_limits<std::uint64_t>::max()); });
     }},
    {"nan", "a value is NaN", [](auto& reply) { return set_value(reply, std::numeric_limits<double>::quiet_NaN()); }},
    {"infinity", "a value is infinite",
     [](auto& reply) { return set_value(reply, std::numeric_limits<double>::infinity()); }},
    {"minus-zero", "a value is -0.0", [](auto& reply) { return set_value(reply, -0.0); }},
    {"huge", "a value is 1e300", [](auto& reply) { return set_value(reply, 1e300); }},
    {"duplicate-channels", "one channel twice",
     [](auto& reply) {
       auto* const usage = first_usage(reply);
       return usage != nullptr && !usage->channel_usages().empty() &&
              add_channel(reply, usage->channel_usages(0).channel());
     }},
    {"channel-0", "a channel 0", [](auto& reply) { return add_channel(reply, 0); }},
    {"channel-101", "a channel 101", [](auto& reply) { return add_channel(reply, 101); }},
    {"channel-max", "a channel 4294967295", [](auto& reply) { return add_channel(reply, 4294967295U); }},
    {"wrong-scale", "the scale's echo is another one's",
     [](auto& reply) {
       auto* const usage = first_usage(reply);
       if (usage == nullptr) return false;
       usage->set_scale(static_cast<api::DataResolution>(42));
       return true;
     }},
    {"unknown-enums", "model, circuit type and direction nobody knows", strange_enums},
    {"empty-id", "the first device has no id", [](auto& reply) { return set_id(reply, ""); }},
    {"other-id", "the first device is one nobody asked for",
     [](auto& reply) { return set_id(reply, "A9999AFFFF000000000000"); }},
    {"duplicate-devices", "the first device twice", repeat_first},
    {"long-names", "names of 10 kB", long_names},
    {"empty-reply", "an OK reply without anything in it",
     [](auto& reply) {
       reply.Clear();
       return true;
     }},
};

}  // namespace

const std::vector<std::pair<std::string_view, std::string_view>>& garbage_kinds() {
  static const auto names = [] {
    std::vector<std::pair<std::string_view, std::string_view>> list;
    for (const Kind& kind : kKinds) list.emplace_back(kind.name, kind.what);
    return list;
  }();
  return names;
}

void spoil(Faults& faults, google::protobuf::Message& reply) {
  for (const Kind& kind : kKinds) {
    const auto armed = faults.garbage.find(kind.name);
    if (armed == faults.garbage.end() || !kind.spoil(reply)) continue;
    if (--armed->second <= 0) faults.garbage.erase(armed);
  }
  if (faults.large) {
    // A field of a later contract: clients must carry or skip it, whatever its size.
    reply.GetReflection()->MutableUnknownFields(&reply)->AddLengthDelimited(2000, std::string(4'400'000, '.'));
  }
}

}  // namespace simulator
