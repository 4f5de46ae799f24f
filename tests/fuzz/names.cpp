// A device whose id, names and labels are any bytes: what is announced keeps to Home Assistant's rules, as the stories
// of discovery check them.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>
#include <cstring>

#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "rooms/homeassistant/discovery_checks.hpp"
#include "runtime/utf8.hpp"

namespace emporia::fuzz {
namespace {

using homeassistant::Discovery;
using homeassistant::DiscoveryContext;

std::string found;

/// The stories' checks report to doctest; here to the fuzzer.
void note_failure(const doctest::AssertData& failed) {
  found += std::string(failed.m_file) + ":" + std::to_string(failed.m_line) + ": " + failed.m_expr + " " +
           failed.m_decomp.c_str() + "\n";
}

void listen_to_checks() {
  static doctest::Context context;
  static const bool kDone = [] {
    context.setAsDefaultForAssertsOutOfTestCases();
    context.setAssertHandler(note_failure);
    return true;
  }();
  static_cast<void>(kDone);
}

model::DevicePicture picture_of(Bytes& bytes) {
  model::DevicePicture picture;
  constexpr std::size_t kModels = 9;
  picture.device.model = static_cast<model::DeviceModel>(bytes.below(kModels));
  std::string id = bytes.text(1000);
  if (id.empty()) id = "x";
  if (picture.device.model == model::DeviceModel::group) id.insert(0, mqtt::kGroupIds);
  picture.device.id = model::DeviceId(id);
  picture.device.name = bytes.text(1000);
  picture.device.firmware = bytes.text(1000);
  picture.device.solar = bytes.flag();
  if (bytes.flag()) picture.as_of = model::UtcSeconds{std::chrono::seconds{bytes.number<std::uint32_t>()}};
  model::Channel channel = 0;
  for (std::size_t i = bytes.below(5); i > 0; --i) {
    channel += 1 + static_cast<model::Channel>(bytes.below(8));
    model::Circuit circuit;
    circuit.channel = channel;
    circuit.direction = static_cast<model::EnergyDirection>(bytes.below(4));
    circuit.type = static_cast<model::CircuitType>(bytes.below(5));
    circuit.name = bytes.text(1000);
    circuit.sub_type = bytes.text(1000);
    picture.device.circuits.push_back(std::move(circuit));
    model::Reading& reading = picture.readings[channel];
    if (bytes.flag()) reading.power_w = bytes.number<float>();
    if (bytes.flag()) reading.positive_wh = reading.negative_wh = std::fabs(bytes.number<float>());
  }
  return picture;
}

std::string unfit(const std::string& text) {
  if (!runtime::is_utf8_text(text)) return "text that is not UTF-8";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') return "a control character";
  }
  return {};
}

}  // namespace

std::string broken_law(std::string_view input) {
  listen_to_checks();
  found.clear();
  Bytes bytes(input);
  DiscoveryContext context;
  context.version = "0.1.0";
  context.circuits_as_devices = bytes.flag();
  const model::DevicePicture picture = picture_of(bytes);
  const std::string override_name = bytes.text(1000);
  if (!override_name.empty()) context.names[picture.device.id.text()] = override_name;
  std::set<std::string> ids;
  homeassistant::check_device(picture, context, ids);
  if (!found.empty()) return found;

  constexpr std::size_t kLongestTopic = 4000;
  const auto circuits = model::shown_circuits(picture, true);
  for (const auto& [channel, label] : homeassistant::labels_of(picture.device, circuits, context)) {
    if (label.empty() || label.size() > 800) return "a label that is empty or endless";
    if (std::string wrong = unfit(label); !wrong.empty()) return wrong + " in a label";
  }
  for (const Discovery& discovery : homeassistant::device_discovery(picture, circuits, context)) {
    const std::string payload = discovery.payload();
    if (!mqtt::legal_topic(discovery.topic) || discovery.topic.size() > kLongestTopic) return "an illegal topic";
    if (std::string wrong = unfit(payload); !wrong.empty()) return wrong + " in a discovery message";
  }
  for (const char* leaf : {"state", "availability", "set", "result"}) {
    const std::string topic = context.topics.device(picture.device.id.text(), leaf);
    if (!mqtt::legal_topic(topic) || std::count(topic.begin(), topic.end(), '/') != 2) return "an illegal topic";
  }
  const std::string state = json::to_text(homeassistant::shown_state(picture, context));
  return unfit(state).empty() ? "" : unfit(state) + " in a state";
}

}  // namespace emporia::fuzz
