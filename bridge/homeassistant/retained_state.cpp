#include "homeassistant/retained_state.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "json/value.hpp"
#include "model/home.hpp"
#include "runtime/time_text.hpp"

namespace emporia::homeassistant {
namespace {

using model::Channel;
using model::DeviceModel;

// A state with a thousand circuits; what is larger is not ours.
constexpr std::size_t kMostBytes = 512 * 1024;
constexpr double kMostKwh = 1e9;

std::optional<double> number(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* whole = value->as_integer()) return static_cast<double>(*whole);
  if (const auto* real = value->as_double()) return *real;
  return std::nullopt;
}

class Reader {
 public:
  Reader(const json::Value& state, const model::Device& device, RetainedState& found)
      : state_(state), exact_(state.find("exact_kwh")), device_(device), found_(found) {}

  void read() {
    switch (device_.model) {
      case DeviceModel::vue1:
      case DeviceModel::vue2:
      case DeviceModel::vue3:
        take(model::kMergedMains, state_.find("mains"), "mains.", "import_kwh", "export_kwh");
        take(model::kBalance, state_.find("balance"), "balance.", "energy_kwh", nullptr);
        each(state_.find("legs"), [this](Channel leg, const json::Value& told) {
          take(leg, &told, "legs." + std::to_string(leg) + ".", "import_kwh", "export_kwh");
        });
        break;
      case DeviceModel::utility_connect:
        return take(1, &state_, "", "import_kwh", "export_kwh");
      case DeviceModel::outlet:
      case DeviceModel::ev_charger:
        return take(1, &state_, "", "energy_kwh", nullptr);
      case DeviceModel::battery:
        if (const auto channel = model::battery_channel(device_)) {
          take(*channel, &state_, "", "charged_kwh", "discharged_kwh");
        }
        break;
      case DeviceModel::group:
        return one_of_circuits(1, state_, "");
      case DeviceModel::unknown:
        break;
    }
    each(state_.find("circuits"), [this](Channel channel, const json::Value& told) { circuit(channel, told); });
  }

 private:
  template <typename Take>
  static void each(const json::Value* object, const Take& take) {
    const json::Object* members = object == nullptr ? nullptr : object->as_object();
    if (members == nullptr) return;
    for (const auto& [key, value] : *members) {
      Channel channel = 0;
      const char* end = key.data() + key.size();
      const auto read = std::from_chars(key.data(), end, channel);
      if (read.ec == std::errc{} && read.ptr == end && channel >= 1 && channel <= model::kLastChannel) {
        take(channel, value);
      }
    }
  }

  void circuit(Channel channel, const json::Value& told) {
    one_of_circuits(channel, told, "circuits." + std::to_string(channel) + ".");
  }

  void one_of_circuits(Channel channel, const json::Value& told, const std::string& path) {
    const json::Value* direction = told.find("direction");
    const bool both = told.find("import_kwh") != nullptr;
    const bool generates = direction != nullptr && direction->as_string() != nullptr &&
                           *direction->as_string() == model::word(model::EnergyDirection::generation);
    if (both) return take(channel, &told, path, "import_kwh", "export_kwh");
    if (generates) return take(channel, &told, path, nullptr, "energy_kwh");
    take(channel, &told, path, "energy_kwh", nullptr);
  }

  void take(Channel channel, const json::Value* object, const std::string& path, const char* positive,
            const char* negative) {
    if (object == nullptr) return;
    RetainedCounter counter;
    bool any = false;
    // What flows one way only is never below 0; the balance has one exact sum of either sign.
    const double least_kwh = positive != nullptr && negative == nullptr ? -kMostKwh : 0;
    const auto read = [&](const char* key, double& shown_wh, double& exact_wh) {
      if (key == nullptr) return;
      const auto shown = number(object->find(key));
      // A counter is no less than 0, and no more than a lifetime can bring.
      if (!shown || !(*shown >= 0 && *shown <= kMostKwh)) return;
      any = true;
      shown_wh = exact_wh = *shown * 1000;
      const auto exact = exact_ == nullptr ? std::nullopt : number(exact_->find(path + key));
      if (exact && *exact <= *shown && *exact >= least_kwh) exact_wh = *exact * 1000;
    };
    read(positive, counter.shown_positive_wh, counter.positive_wh);
    read(negative, counter.shown_negative_wh, counter.negative_wh);
    if (counter.positive_wh < 0) counter.negative_wh = -std::exchange(counter.positive_wh, 0);
    if (any) found_.counters.try_emplace(channel, counter);
  }

  const json::Value& state_;
  const json::Value* exact_;
  const model::Device& device_;
  RetainedState& found_;
};

}  // namespace

std::optional<RetainedState> read_retained_state(std::string_view text, const model::Device& device) {
  const auto state = json::parse(text, {kMostBytes, 8, true});
  if (!state) return std::nullopt;
  const json::Value* as_of = state.value().find("as_of");
  const std::string* told = as_of == nullptr ? nullptr : as_of->as_string();
  const auto time = told == nullptr ? std::nullopt : runtime::parse_iso8601(*told);
  if (!time) return std::nullopt;
  RetainedState found{*time, {}};
  Reader(state.value(), device, found).read();
  if (found.counters.empty()) return std::nullopt;
  return found;
}

}  // namespace emporia::homeassistant
