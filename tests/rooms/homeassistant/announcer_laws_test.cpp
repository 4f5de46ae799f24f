#include <map>
#include <memory>
#include <random>

#include "announcer_story.hpp"
#include "fake_home_assistant.hpp"

namespace emporia::homeassistant {
namespace {

/// A bridge whose whole life is random, with a broker and a Home Assistant that come and go.
class RandomLife {
 public:
  explicit RandomLife(unsigned seed) : random_(seed) {
    restart_bridge();
    announcer_->link_up(now_);
  }

  void step() {
    switch (pick(12)) {
      case 0:
      case 1:
      case 2:
        return want();
      case 3:
        return remove();
      case 4:
        return home_.up ? stop_home_assistant() : start_home_assistant();
      case 5:
        return link_up_ ? lose_link() : regain_link();
      case 6:
        return delete_device();
      case 7:
        // Which tombstones Home Assistant missed is not kept over a restart.
        if (home_.up && link_up_ && no_ghosts()) restart_bridge();
        return;
      default:
        return pass(std::chrono::milliseconds{pick(6000)});
    }
  }

  /// Everything is there again and quiet: what Home Assistant knows is what is wanted, and nothing else.
  void check_peace() {
    if (!link_up_) regain_link();
    pass(std::chrono::seconds{20});
    if (home_.up) stop_home_assistant();
    start_home_assistant();
    pass(std::chrono::seconds{60});
    std::set<std::string> wanted;
    std::set<FakeHomeAssistant::Identity> identities;
    for (const Discovery& discovery : wanted_) {
      for (const auto& [key, component] : discovery.components) {
        wanted.insert(*component.find("unique_id")->as_string());
        identities.insert({discovery.topic, key});
      }
    }
    CHECK(joined(home_.registry) == joined(wanted));
    std::set<FakeHomeAssistant::Identity> discovered;
    for (const auto& [identity, unique_id] : home_.discovered) discovered.insert(identity);
    CHECK(discovered == identities);
    for (const auto& [topic, payload] : home_.retained) CHECK(payload == payload_wanted(topic));
    CHECK(announcer_->next_deadline() == runtime::kNever);
  }

 private:
  static std::string joined(const std::set<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += text + " ";
    return all;
  }
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

  void want() {
    std::string text = pick(2) == 0 ? "P \"Panel\" mains" : "P \"Garage\" mains";
    std::string circuits;
    const bool own = pick(4) == 0;
    for (unsigned channel = 4; channel < 8; ++channel) {
      if (pick(3) == 0) continue;
      circuits += own ? runtime::concat("|P_", channel, " \"C\" ", channel) : runtime::concat(" ", channel);
    }
    wanted_.clear();
    std::istringstream parts(text + circuits);
    for (std::string part; std::getline(parts, part, '|');) wanted_.push_back(builder_.device(part));
    announcer_->want(wanted_, now_);
  }
  void remove() {
    wanted_.clear();
    announcer_->remove("emporia_P", now_);
  }
  void start_home_assistant() {
    home_.start(now_.steady);
    pass(std::chrono::seconds{5});
    if (link_up_) announcer_->born(now_);
  }
  void stop_home_assistant() {
    home_.stop();
    if (link_up_) announcer_->left();
  }
  void lose_link() {
    link_up_ = false;
    announcer_->link_down();
  }
  void regain_link() {
    link_up_ = true;
    for (const auto& [topic, payload] : session_) deliver(topic, payload);
    unsent_.clear();
    for (auto entry = session_.begin(); entry != session_.end();) {
      entry = entry->second.empty() ? session_.erase(entry) : std::next(entry);
    }
    announcer_->link_up(now_);
  }
  void delete_device() {
    const std::string topic = "homeassistant/device/emporia_P/config";
    if (!home_.up || home_.retained.count(topic) == 0 || !link_up_) return;
    home_.delete_device(topic);
    announcer_->found(topic, "", now_);
    pass(std::chrono::seconds{0});
  }
  void restart_bridge() {
    announcer_ = std::make_unique<Announcer>(mqtt::TopicTree("emporia", "homeassistant"), "emporia2mqtt", random_());
    session_.clear();
    unsent_.clear();
    announcer_->link_up(now_);
    for (const auto& [topic, payload] : home_.retained) announcer_->found(topic, payload, now_);
    starting_ = true;
    pass(std::chrono::seconds{2});
    starting_ = false;
    if (!wanted_.empty()) announcer_->want(wanted_, now_);
    for (const std::string& object : announcer_->leftovers()) announcer_->remove(object, now_);
  }
  bool no_ghosts() const {
    std::set<std::string> discovered;
    for (const auto& [identity, unique_id] : home_.discovered) discovered.insert(unique_id);
    return discovered == home_.registry;
  }

  void pass(std::chrono::milliseconds time) {
    const auto end = now_.steady + time;
    for (int turns = 0;; ++turns) {
      REQUIRE(turns < 1000);
      const auto standing = [this](const std::string& topic) { return unsent_.count(topic) == 0; };
      for (const Step& step : announcer_->on_time(now_, standing)) said(step);
      check_state_keys();
      const auto next = announcer_->next_deadline();
      if (next > end) break;
      now_.steady = std::max(now_.steady, next);
    }
    now_.steady = end;
  }
  void said(const Step& step) {
    session_[step.topic] = step.payload;
    if (!link_up_) {
      unsent_.insert(step.topic);
      return;
    }
    deliver(step.topic, step.payload);
    if (step.payload.empty()) session_.erase(step.topic);
  }
  void deliver(const std::string& topic, const std::string& payload) {
    home_.publish(topic, payload, now_.steady);
    announcer_->found(topic, payload, now_);
  }
  /// No entity that lives reads a circuit that the state does not contain.
  void check_state_keys() {
    if (wanted_.empty() || !link_up_ || starting_) return;
    std::set<model::Channel> shown = announcer_->lingering("emporia_P");
    for (const Discovery& discovery : wanted_) {
      for (const auto& [key, component] : discovery.components) shown.insert(channel(key));
    }
    for (const auto& [identity, unique_id] : home_.discovered) {
      const std::string key = identity.first + " " + identity.second;
      INFO("read and not in the state: ", key);
      CHECK(shown.count(channel(identity.second)) == 1);
    }
  }
  static model::Channel channel(const std::string& key) {
    const std::string middle = key.substr(7, key.size() - 7 - 6);
    return middle == "mains" ? 0 : static_cast<model::Channel>(std::stoul(middle));
  }
  std::string payload_wanted(const std::string& topic) const {
    for (const Discovery& discovery : wanted_) {
      if (discovery.topic == topic) return discovery.payload();
    }
    return "nothing";
  }

  std::mt19937 random_;
  const AnnouncerStory builder_;
  runtime::Now now_{runtime::SteadyTime{} + std::chrono::hours{1}, {}};
  FakeHomeAssistant home_;
  std::unique_ptr<Announcer> announcer_;
  bool link_up_ = true;
  /// No state is published before the inventory is known.
  bool starting_ = false;
  /// What the connection keeps: said last on each topic, and what of it has not arrived.
  std::map<std::string, std::string> session_;
  std::set<std::string> unsent_;
  std::vector<Discovery> wanted_;
};

TEST_CASE("whatever happened, Home Assistant ends with what is wanted and no ghosts") {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    RandomLife life(seed);
    for (int step = 0; step < 60; ++step) life.step();
    life.check_peace();
  }
}

}  // namespace
}  // namespace emporia::homeassistant
