#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/own_devices.hpp"
#include "commands/battery.hpp"
#include "homeassistant/announcer.hpp"
#include "homeassistant/discovery.hpp"
#include "ledger/usage_ledger.hpp"
#include "model/home.hpp"
#include "mqtt/session.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// What a person has set for battery modes that are not chosen.
using Drafts = std::function<commands::KeptSettings(const model::DeviceId&)>;
/// Whether what an earlier run left of a device at the broker must not be written over yet.
using Held = std::function<bool(const model::DeviceId&)>;
/// Whether what the home tells of a device is about to be brought up to date, within the next turns of the loop.
using Unfinished = std::function<bool(const model::DeviceId&)>;

/// The way out: says the home at the broker and announces it to Home Assistant. It renders what it is told has
/// changed, from the picture alone. Belongs to the loop's thread.
class Publisher {
 public:
  Publisher(mqtt::Session& session, const model::Home& home, const settings::Settings& settings, const OwnDevices& own,
            Drafts drafts, Held held, Unfinished unfinished, runtime::Now now);

  /// What is received besides commands: Home Assistant's birth and what stands on its discovery topics. True when the
  /// message was one of these.
  bool on_received(const mqtt::Received& received, runtime::Now now);
  void on_link(bool up, runtime::Now now);
  /// All that stood at the broker when this run subscribed has been received.
  void replayed(runtime::Now now) { announcer_.replayed(now); }
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const;

  /// The settings are others now: everything is rendered by them, and what differs is sent.
  void reconfigure(runtime::Now now);
  /// A device that is held is passed over; it has to be told again when it is not held any more.
  void changed(const model::HomeChange& change, runtime::Now now);
  void booked(const ledger::BookedSpan& span);
  /// After an inventory: what an earlier run left for devices that are gone, or that the configuration now leaves out,
  /// is withdrawn. What belongs to another of several bridges is never looked at, even if it was this one's once.
  void clean_up(unsigned inventories, const std::vector<model::DeviceId>& left_out, runtime::Now now);
  /// Something was received on the discovery topics that clean_up() has not looked at: the broker may be slower than
  /// the service.
  bool has_found() const { return has_found_; }

  /// The device's state, as it is now, is acknowledged by the broker.
  bool shown(const model::DeviceId& device) const;
  const homeassistant::DiscoveryContext& context() const { return context_; }

 private:
  /// What a device's announcement follows from; it is rendered again only when this changes. The names of its circuits
  /// follow from device and circuits, too.
  struct Announced {
    model::Device device;
    std::vector<model::Circuit> circuits;
    std::map<model::Channel, std::string> labels;
    std::vector<model::Channel> legs;
    std::uint32_t max_charge_rate_a = 0;
    double inverter_max_power_kw = 0;
  };

  void render_changed(runtime::Now now);
  void render(const model::DevicePicture& picture, runtime::Now now);
  /// Nothing where there is nothing to fill in.
  std::optional<model::DevicePicture> with_drafts(const model::DevicePicture& picture) const;
  /// What was announced when device and circuits were as they are now, or nullptr.
  const Announced* same_as_announced(const model::DevicePicture& picture, const std::vector<model::Circuit>& circuits);
  void announce(const model::DevicePicture& picture, std::vector<model::Circuit> circuits,
                const std::map<model::Channel, std::string>& labels, const Announced* before, runtime::Now now);
  void check_availability(runtime::Now now);
  /// True when it is another than was noted before.
  bool note_availability(const model::DevicePicture& picture, runtime::Now now);
  void publish_availability(const model::DevicePicture& picture);
  void take_steps(runtime::Now now);
  /// What stands there may be withdrawn by this bridge.
  bool may_take_back(const std::string& discovery_topic) const;
  bool note_found_device(const std::string& topic, const std::string& payload);
  void withdraw(const std::string& object);
  void assert_states();

  mqtt::Session& session_;
  const model::Home& home_;
  const settings::Settings& settings_;
  const OwnDevices& own_;
  mqtt::TopicTree topics_;
  Drafts drafts_;
  Held held_;
  Unfinished unfinished_;
  homeassistant::DiscoveryContext context_;
  homeassistant::Announcer announcer_;
  std::set<model::DeviceId> changed_;
  std::map<model::DeviceId, Announced> announced_;
  /// The device behind each discovery object, for the steps that concern its state.
  std::map<std::string, model::DeviceId> devices_of_objects_;
  /// Whose availability says offline. Of a fleet every device is looked at each time, and hardly one has changed.
  std::set<model::DeviceId> unavailable_;
  bool has_found_ = false;
  /// Topic ids of devices whose availability an earlier run left at the broker, until it is clear whose they are.
  std::set<std::string> found_devices_;
  runtime::SteadyTime started_;
  runtime::SteadyTime check_at_;
  runtime::SteadyTime assert_at_ = runtime::kNever;
};

}  // namespace emporia::app
