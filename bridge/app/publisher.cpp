#include "app/publisher.hpp"

#include <algorithm>
#include <utility>

#include "app/utc.hpp"
#include "app/version.hpp"
#include "homeassistant/state_payload.hpp"
#include "json/value.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using homeassistant::Step;

constexpr const char* kRoom = "publisher";
constexpr auto kCheckAvailabilityEvery = 30s;
// What a fleet brings is spread over turns of the loop.
constexpr std::size_t kRenderedTogether = 20;
// After Home Assistant's birth: behind the announcements, which the announcer says 1 to 3 s after it.
constexpr auto kStatesAfterBirth = 4s;
// A device is not gone because one inventory did not list it; the same patience as the picture of the home has.
constexpr unsigned kInventoriesBeforeCleaning = 3;
constexpr auto kTimeBeforeCleaning = 30min;

homeassistant::DiscoveryContext make_context(const settings::Settings& settings, const mqtt::TopicTree& topics) {
  homeassistant::DiscoveryContext context;
  context.topics = topics;
  context.version = kVersion;
  context.circuits_as_devices = settings.homeassistant.circuits_as_devices;
  context.names = settings.devices.names;
  return context;
}

/// Of all buckets, ascending. Mostly every channel has the same.
std::vector<model::UtcSeconds> starts_of(const ledger::BookedSpan& span) {
  std::vector<model::UtcSeconds> starts;
  for (const auto& [channel, buckets] : span.channels) {
    const auto begins = [](const auto& bucket, model::UtcSeconds start) { return bucket.start == start; };
    if (std::equal(buckets.begin(), buckets.end(), starts.begin(), starts.end(), begins)) continue;
    for (const auto& bucket : buckets) starts.push_back(bucket.start);
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  }
  return starts;
}

/// One list of starts, and for each measured channel as many values; null where a channel has none of that bucket.
json::Value usage_payload(const ledger::BookedSpan& span) {
  const std::vector<model::UtcSeconds> starts = starts_of(span);
  json::Array start_list;
  start_list.reserve(starts.size());
  for (const model::UtcSeconds start : starts) start_list.emplace_back(runtime::iso8601(start));
  json::Object channels;
  channels.reserve(span.channels.size());
  for (const auto& [channel, buckets] : span.channels) {
    if (channel > model::kLastChannel) continue;
    json::Array values;
    values.reserve(starts.size());
    for (const auto& bucket : buckets) {
      while (starts[values.size()] < bucket.start) values.emplace_back(nullptr);
      values.emplace_back(json::rounded(bucket.energy_wh, 6));
    }
    values.resize(starts.size());
    channels.emplace_back(std::to_string(channel), std::move(values));
  }
  return json::Object{{"scale", model::word(span.scale)},
                      {"revised", span.revised},
                      {"starts", std::move(start_list)},
                      {"energy_wh", std::move(channels)}};
}

}  // namespace

Publisher::Publisher(mqtt::Session& session, const model::Home& home, const settings::Settings& settings,
                     const OwnDevices& own, Drafts drafts, Held held, Unfinished unfinished, runtime::Now now)
    : session_(session),
      home_(home),
      settings_(settings),
      own_(own),
      topics_(topics_of(settings)),
      drafts_(std::move(drafts)),
      held_(std::move(held)),
      unfinished_(std::move(unfinished)),
      context_(make_context(settings, topics_)),
      announcer_(topics_, context_.origin_name, static_cast<std::uint64_t>(now.system.time_since_epoch().count())),
      started_(now.steady),
      check_at_(now.steady + kCheckAvailabilityEvery) {
  // The replays tell what an earlier run announced. They are read with announcing switched off too: what stood there
  // has to go.
  session_.subscribe({{topics_.discovery("+"), true, false}, {topics_.base() + "/+/availability", true, false}});
  if (!settings.homeassistant.enabled) return;
  session_.subscribe({{settings.homeassistant.status_topic, false, false}});
  announcer_.want({homeassistant::bridge_discovery(context_)}, now);
}

void Publisher::reconfigure(runtime::Now now) {
  context_ = make_context(settings_, topics_);
  announced_.clear();
  for (const auto& [id, picture] : home_.devices()) changed_.insert(id);
  check_at_ = now.steady;
}

bool Publisher::on_received(const mqtt::Received& received, runtime::Now now) {
  const std::string& topic = received.message.topic;
  if (topic == settings_.homeassistant.status_topic) {
    if (received.message.payload == "offline") announcer_.left();
    // A retained birth is as old as the connection that replays it, and everything has just been asserted.
    if (received.message.payload == "online" && !received.retained && settings_.homeassistant.enabled) {
      runtime::log_info(kRoom, "Home Assistant has started: everything is announced again");
      announcer_.born(now);
      // What is removed for Home Assistant's sake may have to be in the states once more.
      for (const auto& [id, picture] : home_.devices()) changed_.insert(id);
      assert_at_ = now.steady + kStatesAfterBirth;
    }
    return true;
  }
  if (note_found_device(topic, received.message.payload)) return true;
  if (topic.compare(0, topics_.prefix().size() + 8, topics_.prefix() + "/device/") != 0) return false;
  if (!may_take_back(topic)) return true;
  announcer_.found(topic, received.message.payload, now);
  has_found_ = true;
  return true;
}

bool Publisher::may_take_back(const std::string& discovery_topic) const {
  if (!own_.shard()) return true;
  const std::size_t begin = topics_.discovery("").find("//") + 1;
  const std::string object = discovery_topic.substr(begin, discovery_topic.find('/', begin) - begin);
  if (object == topics_.bridge_object()) return true;
  // Those of other bridges, and of one that had all devices before, tell nothing of whose they are.
  constexpr std::string_view kBridges = "emporia_bridge";
  return object.compare(0, kBridges.size(), kBridges) != 0 && own_.has_object(object);
}

bool Publisher::note_found_device(const std::string& topic, const std::string& payload) {
  constexpr std::string_view kLeaf = "/availability";
  constexpr std::size_t kMostFound = 20'000;
  constexpr std::size_t kLongestId = 1000;
  const std::string start = topics_.base() + "/";
  if (topic.size() <= start.size() + kLeaf.size() || topic.compare(0, start.size(), start) != 0) return false;
  if (topic.compare(topic.size() - kLeaf.size(), kLeaf.size(), kLeaf) != 0) return false;
  const std::string id = topic.substr(start.size(), topic.size() - start.size() - kLeaf.size());
  if (!payload.empty() && id.size() <= kLongestId && found_devices_.size() < kMostFound && own_.has_level(id)) {
    found_devices_.insert(id);
    has_found_ = true;
  }
  return true;
}

void Publisher::on_link(bool up, runtime::Now now) {
  if (up) {
    announcer_.link_up(now);
  } else {
    announcer_.link_down();
  }
}

void Publisher::changed(const model::HomeChange& change, runtime::Now now) {
  if (change.kind != model::HomeChange::Kind::device_removed) {
    changed_.insert(change.device);
    return;
  }
  changed_.erase(change.device);
  announced_.erase(change.device);
  unavailable_.erase(change.device);
  const std::string object = mqtt::TopicTree::device_object(change.device.text());
  devices_of_objects_.erase(object);
  // What was announced keeps its state until the announcement is gone.
  const bool announced = settings_.homeassistant.enabled && announcer_.remove(object, now);
  if (!announced) withdraw(object);
}

void Publisher::booked(const ledger::BookedSpan& span) {
  mqtt::Message message;
  message.topic = topics_.device(span.device.text(), "usage");
  message.payload = json::to_text(usage_payload(span));
  session_.publish(std::move(message));
}

void Publisher::clean_up(unsigned inventories, const std::vector<model::DeviceId>& left_out, runtime::Now now) {
  has_found_ = false;
  std::set<std::string> unwanted;
  for (const model::DeviceId& device : left_out) unwanted.insert(mqtt::TopicTree::device_object(device.text()));
  const bool complete = inventories >= kInventoriesBeforeCleaning && now.steady - started_ >= kTimeBeforeCleaning;
  // Groups come from the configuration alone: one that is not in the home now is gone.
  std::set<std::string> groups;
  for (const auto& [id, picture] : home_.devices()) {
    if (picture.device.model == model::DeviceModel::group) groups.insert(mqtt::TopicTree::device_object(id.text()));
  }
  for (const std::string& object : announcer_.leftovers()) {
    if (mqtt::TopicTree::is_group_object(object) && groups.count(object) == 0) unwanted.insert(object);
    if (!complete && unwanted.count(object) == 0 && settings_.homeassistant.enabled) continue;
    runtime::log_info(kRoom, runtime::concat("what an earlier run announced as ", object, " is withdrawn"));
    announcer_.remove(object, now);
  }
  for (const auto& [id, picture] : home_.devices()) found_devices_.erase(mqtt::topic_id(id.text()));
  for (auto found = found_devices_.begin(); found != found_devices_.end();) {
    const std::string object = "emporia_" + *found;
    const bool gone = complete || unwanted.count(object) > 0 || mqtt::is_group_level(*found);
    if (gone) withdraw(object);
    found = gone ? found_devices_.erase(found) : std::next(found);
  }
}

bool Publisher::shown(const model::DeviceId& device) const {
  if (changed_.count(device) > 0) return false;
  if (devices_of_objects_.count(mqtt::TopicTree::device_object(device.text())) == 0) return false;
  return session_.standing(topics_.device(device.text(), "state"));
}

runtime::SteadyTime Publisher::next_deadline() const {
  if (!changed_.empty()) return {};
  return std::min({check_at_, assert_at_, announcer_.next_deadline()});
}

void Publisher::on_time(runtime::Now now) {
  if (now.steady >= check_at_) {
    check_at_ = now.steady + kCheckAvailabilityEvery;
    check_availability(now);
  }
  render_changed(now);
  take_steps(now);
  // A step may have ended the time during which a state must keep a key.
  render_changed(now);
  if (now.steady >= assert_at_) {
    assert_at_ = runtime::kNever;
    assert_states();
  }
}

void Publisher::render_changed(runtime::Now now) {
  std::size_t rendered = 0;
  for (auto next = changed_.begin(); next != changed_.end() && rendered < kRenderedTogether;) {
    const auto changed = next++;
    if (unfinished_(*changed)) continue;
    ++rendered;
    const model::DeviceId id = std::move(changed_.extract(changed).value());
    const model::DevicePicture* picture = home_.find(id);
    if (picture != nullptr && !held_(id)) render(*picture, now);
  }
}

void Publisher::render(const model::DevicePicture& picture, runtime::Now now) {
  const std::string& id = picture.device.id.text();
  const std::string object = mqtt::TopicTree::device_object(id);
  auto circuits = model::shown_circuits(picture, settings_.devices.announce_unused_circuits);
  const Announced* const before = same_as_announced(picture, circuits);
  std::map<model::Channel, std::string> fresh;
  if (before == nullptr) fresh = homeassistant::labels_of(picture.device, circuits, context_);
  const auto& labels = before != nullptr ? before->labels : fresh;
  const auto drafted = with_drafts(picture);
  const auto state =
      homeassistant::device_state(drafted ? *drafted : picture, circuits, labels, announcer_.lingering(object));
  devices_of_objects_.try_emplace(object, picture.device.id);
  session_.publish_retained(topics_.device(id, "state"), json::to_text(state));
  note_availability(picture, now);
  publish_availability(picture);
  if (settings_.homeassistant.enabled) announce(picture, std::move(circuits), labels, before, now);
}

std::optional<model::DevicePicture> Publisher::with_drafts(const model::DevicePicture& picture) const {
  const auto* told = std::get_if<model::BatteryState>(&picture.state);
  if (told == nullptr || !told->dispatch) return std::nullopt;
  model::DevicePicture shown = picture;
  auto* battery = std::get_if<model::BatteryState>(&shown.state);
  const commands::KeptSettings drafts = drafts_(picture.device.id);
  const auto fill = [&drafts](commands::Setting setting, std::optional<double>& value) {
    const auto draft = drafts.find(setting);
    if (!value && draft != drafts.end()) value = draft->second;
  };
  fill(commands::Setting::power_kw, battery->dispatch->power_kw);
  fill(commands::Setting::charge_power_kw, battery->dispatch->charge_power_kw);
  fill(commands::Setting::discharge_power_kw, battery->dispatch->discharge_power_kw);
  fill(commands::Setting::target_soc_pct, battery->dispatch->target_soc_pct);
  return shown;
}

const Publisher::Announced* Publisher::same_as_announced(const model::DevicePicture& picture,
                                                         const std::vector<model::Circuit>& circuits) {
  const auto known = announced_.find(picture.device.id);
  if (known == announced_.end()) return nullptr;
  Announced& announced = known->second;
  // Of no consequence for the announcement, and changing often.
  announced.device.connected = picture.device.connected;
  return announced.device == picture.device && announced.circuits == circuits ? &announced : nullptr;
}

void Publisher::announce(const model::DevicePicture& picture, std::vector<model::Circuit> circuits,
                         const std::map<model::Channel, std::string>& labels, const Announced* before,
                         runtime::Now now) {
  const auto* charger = std::get_if<model::ChargerState>(&picture.state);
  const auto* battery = std::get_if<model::BatteryState>(&picture.state);
  const std::uint32_t max_charge_rate_a = charger == nullptr ? 0 : charger->max_charge_rate_a;
  const double inverter_max_power_kw = battery == nullptr ? 0 : battery->inverter_max_power_kw;
  std::vector<model::Channel> legs = homeassistant::fitted_legs(picture);
  if (before != nullptr && before->legs == legs && before->max_charge_rate_a == max_charge_rate_a &&
      before->inverter_max_power_kw == inverter_max_power_kw) {
    return;
  }
  announcer_.want(homeassistant::device_discovery(picture, circuits, context_), now);
  announced_.insert_or_assign(picture.device.id, Announced{picture.device, std::move(circuits), labels, std::move(legs),
                                                           max_charge_rate_a, inverter_max_power_kw});
}

bool Publisher::note_availability(const model::DevicePicture& picture, runtime::Now now) {
  const std::chrono::minutes stale_after{settings_.polling.stale_after_minutes};
  const model::DeviceId& id = picture.device.id;
  const bool available = model::is_available(picture, utc(now), stale_after);
  return available ? unavailable_.erase(id) > 0 : unavailable_.insert(id).second;
}

void Publisher::publish_availability(const model::DevicePicture& picture) {
  const model::DeviceId& id = picture.device.id;
  session_.publish_retained(topics_.device(id.text(), "availability"),
                            unavailable_.count(id) > 0 ? "offline" : "online");
}

void Publisher::check_availability(runtime::Now now) {
  for (const auto& [id, picture] : home_.devices()) {
    if (note_availability(picture, now)) publish_availability(picture);
  }
}

void Publisher::take_steps(runtime::Now now) {
  const auto standing = [this](const std::string& topic) { return session_.standing(topic); };
  for (const Step& step : announcer_.on_time(now, standing)) {
    if (step.payload.empty()) {
      session_.clear(step.topic);
    } else {
      session_.publish_retained(step.topic, step.payload);
    }
    if (step.again) session_.reassert(step.topic);
    if (step.kind == Step::Kind::withdraw) withdraw(step.object);
    if (const auto device = devices_of_objects_.find(step.object); device != devices_of_objects_.end()) {
      changed_.insert(device->second);
    }
  }
}

void Publisher::withdraw(const std::string& object) {
  // emporia_<id> and nothing behind it: a circuit with a message of its own has no state of its own.
  const std::string id = object.substr(object.find('_') + 1);
  if (id.find('_') != std::string::npos || object == topics_.bridge_object()) return;
  for (const char* leaf : {"state", "availability"}) session_.clear(topics_.base() + "/" + id + "/" + leaf);
}

void Publisher::assert_states() {
  for (const auto& [id, picture] : home_.devices()) {
    session_.reassert(topics_.device(id.text(), "state"));
    session_.reassert(topics_.device(id.text(), "availability"));
  }
  for (const char* leaf : {"info", "devices", "health", "state"}) session_.reassert(topics_.bridge(leaf));
}

}  // namespace emporia::app
