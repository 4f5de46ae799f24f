// Which of several bridges works: a broker that keeps order and nothing else, clocks that differ, machines that sleep,
// networks that part. Whatever happens, no two may act at the same time. Long because of the world in which it happens.
#include "app/lease.hpp"

#include <algorithm>
#include <deque>
#include <doctest/doctest.h>
#include <memory>
#include <random>
#include <set>

#include "app/fenced.hpp"

using namespace emporia;
using namespace std::chrono_literals;
using app::Lease;
using app::LeaseTime;
using std::chrono::milliseconds;

namespace {

constexpr auto kLength = 20s;
constexpr milliseconds kStep{10};
const std::string kTopic = "emporia/bridge/lease";

struct Member;

/// A broker of one thread, as mosquitto is: one order for all. What a member has sent is there a step later.
struct Broker {
  std::map<std::string, std::string> retained;
  std::vector<Member*> members;
  void take(Member& from, const mqtt::Message& message);
};

/// A bridge's link and lease on a machine of its own.
struct Member final : public mqtt::Link {
  Member(Broker& to, std::string its_name, std::chrono::hours clock_off)
      : broker(to), name(std::move(its_name)), off(clock_off) {
    broker.members.push_back(this);
  }
  ~Member() override { std::erase(broker.members, this); }

  void start(milliseconds time) {
    alive = true;
    suspended = false;
    arrived.clear();
    in_order.clear();
    link_up = connecting = false;
    ++runs;
    lease = std::make_unique<Lease>(*this,
                                    Lease::Options{kTopic, "emporia/bridge/standby/" + name, "emporia/bridge/standby/+",
                                                   name, name + "#" + std::to_string(runs), kLength, 1},
                                    at(time));
  }
  void kill() {
    alive = false;
    lease.reset();
    link_up = connecting = false;
    in_order.clear();
  }
  LeaseTime at(milliseconds time) const {
    return {{runtime::SteadyTime(time), runtime::SystemTime(time + off + 1000h)}, time + 5h};
  }
  /// It could act at this very moment, were it to wake.
  bool may_act(milliseconds time) const { return alive && lease->holds(lease->epoch(), at(time).up); }

  void connect() override { connecting = true; }
  void disconnect() override {}
  void subscribe(const std::vector<mqtt::Subscription>& /*subscriptions*/) override { subscribing = true; }
  void unsubscribe(const std::vector<std::string>& /*filters*/) override {}
  void send(mqtt::Ticket ticket, const mqtt::Message& message) override { in_order.emplace_back(ticket, message); }

  void lose_link() {
    if (!link_up && !connecting) return;
    link_up = connecting = false;
    in_order.clear();
    arrived.push_back(mqtt::LinkDown{"cut", false});
  }
  /// What the network does in a step.
  void move() {
    if (!alive || parted) return;
    if (connecting && !broker_away) {
      connecting = false;
      link_up = true;
      arrived.push_back(mqtt::LinkUp{20});
    }
    if (!link_up) return;
    if (std::exchange(subscribing, false)) {
      for (const auto& [topic, payload] : broker.retained) {
        if (!payload.empty())
          arrived.push_back(mqtt::Received{{topic, payload, mqtt::Qos::at_least_once, true, {}, {}}, true});
      }
      listening = true;
    }
    for (auto& [ticket, message] : std::exchange(in_order, {})) {
      broker.take(*this, message);
      arrived.push_back(mqtt::Delivered{ticket, true});
    }
  }
  void think(milliseconds time) {
    if (!alive || suspended) return;
    for (const mqtt::LinkEvent& event : std::exchange(arrived, {})) lease->on_event(event, at(time));
    lease->on_time(at(time));
    // It does not spin: what is due has been done. Asked a hundred times a second for hours, and an assertion that
    // holds costs more than what is asked.
    if (lease->next_deadline() <= at(time).now.steady - 1ms) FAIL_CHECK("what is due was not done");
  }

  Broker& broker;
  std::string name;
  std::chrono::hours off;
  std::unique_ptr<Lease> lease;
  std::deque<mqtt::LinkEvent> arrived;
  std::deque<std::pair<mqtt::Ticket, mqtt::Message>> in_order;
  unsigned runs = 0;
  bool alive = false;
  bool link_up = false;
  bool connecting = false;
  bool subscribing = false;
  bool listening = false;
  /// Nothing goes through, and comes later: the connection stays.
  bool parted = false;
  bool broker_away = false;
  bool suspended = false;
};

void Broker::take(Member& /*from*/, const mqtt::Message& message) {
  if (message.retain) retained[message.topic] = message.payload;
  for (Member* member : members) {
    const bool hears = member->alive && member->link_up && member->listening;
    if (hears) member->arrived.push_back(mqtt::Received{message, false});
  }
}

struct Machines {
  explicit Machines(int count) {
    // Clocks that were never set, and one that is ahead.
    const std::chrono::hours off[] = {0h, -300h, 70h, 1h};
    for (int i = 0; i < count; ++i)
      all.push_back(std::make_unique<Member>(broker, std::string(1, static_cast<char>('a' + i)), off[i % 4]));
  }
  Member& operator[](std::size_t i) { return *all[i]; }
  void start_all() {
    for (const auto& member : all) member->start(time);
  }
  /// Lets time pass; at no moment may two act.
  void run_for(milliseconds duration) {
    for (const milliseconds end = time + duration; time < end; time += kStep) {
      for (const auto& member : all) member->move();
      for (const auto& member : all) {
        // One that was asleep may wake between any two others.
        never_two();
        member->think(time);
      }
      never_two();
    }
  }
  void never_two() const {
    const auto acts = [this](const auto& member) { return member->may_act(time); };
    if (std::count_if(all.begin(), all.end(), acts) > 1) REQUIRE(actors().size() <= 1);
  }
  std::vector<std::string> actors() const {
    std::vector<std::string> names;
    for (const auto& member : all) {
      if (member->may_act(time)) names.push_back(member->name);
    }
    return names;
  }
  std::string actor() const {
    const auto names = actors();
    return names.empty() ? "nobody" : names.front();
  }
  void restart_broker() {
    broker.retained.clear();
    for (const auto& member : all) member->lose_link();
  }

  Broker broker;
  std::vector<std::unique_ptr<Member>> all;
  milliseconds time{1000h};
};

/// Runs until somebody may act; how long that took.
milliseconds until_somebody_acts(Machines& machines) {
  const milliseconds began = machines.time;
  while (machines.actors().empty() && machines.time - began < 10min) machines.run_for(kStep);
  REQUIRE_FALSE(machines.actors().empty());
  return machines.time - began;
}

}  // namespace

TEST_CASE("both start at once: one of them works, after one and a half lengths of the lease") {
  Machines machines(2);
  machines.start_all();
  const milliseconds took = until_somebody_acts(machines);
  CHECK(took >= kLength);
  CHECK(took < kLength * 3 / 2 + 2s);
  const std::string actor = machines.actor();
  machines.run_for(1h);
  CHECK(machines.actor() == actor);
}

TEST_CASE("the working one is killed: the other takes over in time, and the first one comes back to stand by") {
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  Member& first = machines[machines.actor() == "a" ? 0 : 1];
  Member& second = machines[machines.actor() == "a" ? 1 : 0];
  machines.run_for(1min);
  first.kill();
  CHECK(until_somebody_acts(machines) < kLength * 3 / 2 + 2s);
  CHECK(machines.actor() == second.name);
  first.start(machines.time);
  machines.run_for(10min);
  CHECK(machines.actor() == second.name);
  CHECK(first.lease->status_line() == "standing by, " + second.name + " works");
}

TEST_CASE("the working one is stopped: the other works at once") {
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  Member& first = machines[machines.actor() == "a" ? 0 : 1];
  machines.run_for(1min);
  first.lease->release(first.at(machines.time));
  machines.run_for(100ms);
  CHECK(first.lease->released());
  first.kill();
  CHECK(machines.actor() != first.name);
  CHECK(machines.actor() != "nobody");
  // And a bridge alone that was stopped is back at once, too.
  Member& second = machines[first.name == "a" ? 1 : 0];
  second.lease->release(second.at(machines.time));
  machines.run_for(100ms);
  second.kill();
  first.start(machines.time);
  CHECK(until_somebody_acts(machines) < 1s);
}

TEST_CASE("the working one is suspended and wakes up late: it may not act any more") {
  for (const milliseconds asleep : {milliseconds(5s), milliseconds(19s), milliseconds(25s), milliseconds(10min)}) {
    CAPTURE(asleep.count());
    Machines machines(2);
    machines.start_all();
    until_somebody_acts(machines);
    Member& first = machines[machines.actor() == "a" ? 0 : 1];
    machines.run_for(1min);
    first.suspended = true;
    machines.run_for(asleep);
    first.suspended = false;
    machines.run_for(1min);
    CHECK(machines.actor() == (asleep < kLength / 2 ? first.name : first.name == "a" ? "b" : "a"));
  }
}

TEST_CASE("the working one is parted from the broker: it stops by itself before the other begins") {
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  Member& first = machines[machines.actor() == "a" ? 0 : 1];
  machines.run_for(1min);
  first.parted = true;
  machines.run_for(kLength);
  CHECK(machines.actor() == "nobody");
  until_somebody_acts(machines);
  CHECK(machines.actor() != first.name);
  // What it had sent arrives now, hours late, and is what stands there for a moment.
  machines.run_for(2h);
  first.parted = false;
  machines.run_for(1min);
  CHECK(machines.actor() != first.name);
  CHECK(machines.actor() != "nobody");
  CHECK(machines.broker.retained[kTopic].find("\"holder\":\"" + machines.actor() + "\"") != std::string::npos);
}

TEST_CASE("the one that stands by is parted: it does not take over what it cannot see") {
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  const std::string actor = machines.actor();
  Member& other = machines[actor == "a" ? 1 : 0];
  other.parted = true;
  machines.run_for(10min);
  CHECK(machines.actor() == actor);
  other.lose_link();
  other.parted = false;
  machines.run_for(10min);
  CHECK(machines.actor() == actor);
}

TEST_CASE("the broker comes back without its memory: the same one goes on working") {
  Machines machines(3);
  machines.start_all();
  until_somebody_acts(machines);
  const std::string actor = machines.actor();
  machines.run_for(1min);
  machines.restart_broker();
  machines.run_for(10min);
  CHECK(machines.actor() == actor);
  CHECK_FALSE(machines.broker.retained[kTopic].empty());
}

TEST_CASE("the broker is away for longer than the lease: nobody works, and then somebody does") {
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  for (const auto& member : machines.all) member->broker_away = true;
  machines.restart_broker();
  machines.run_for(10min);
  CHECK(machines.actor() == "nobody");
  for (const auto& member : machines.all) member->broker_away = false;
  CHECK(until_somebody_acts(machines) < kLength * 3 / 2 + 10s);
}

TEST_CASE("what strangers and persons write there changes nothing for long") {
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  const std::string actor = machines.actor();
  for (
      const char* text :
      {"", "{}", "[]", "null", "{\"epoch\":-1}", "{\"epoch\":\"9\"}", "\xff",
       R"({"epoch":1,"holder":"x","run":"y","number":1,"released":false,"at_ms":0,"calls":[[1]]})",
       R"({"epoch":1,"holder":"x","run":"y","number":1,"released":false,"at_ms":-9223372036854775808,"calls":[[1,9223372036854775807],[2,1]]})",
       R"({"epoch":1,"holder":"x","run":"y","number":1,"released":true,"at_ms":9223372036854775807,"calls":[[9223372036854775807,0]]})",
       R"({"epoch":1,"holder":"x","run":"y","number":1,"released":true,"at_ms":0,"calls":[]})"}) {
    CAPTURE(text);
    machines.broker.take(machines[0], {kTopic, text, mqtt::Qos::at_least_once, true, {}, {}});
    machines.run_for(1min);
    CHECK(machines.actor() == actor);
    CHECK(machines.broker.retained[kTopic].find("\"holder\":\"" + actor + "\"") != std::string::npos);
  }
}

TEST_CASE("calls: who takes over knows of every one, whatever its clock says, each once") {
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  Member& first = machines[machines.actor() == "a" ? 0 : 1];
  Member& second = machines[machines.actor() == "a" ? 1 : 0];
  machines.run_for(1min);
  for (int i = 0; i < 5; ++i) {
    first.lease->note_call(first.at(machines.time).now.system, first.at(machines.time));
    const std::uint64_t number = first.lease->declare(first.at(machines.time));
    CHECK_FALSE(first.lease->declared(number));
    machines.run_for(50ms);
    CHECK(first.lease->declared(number));
    machines.run_for(2min);
  }
  // Counted and not told any more: it was not made either.
  first.lease->note_call(first.at(machines.time).now.system, first.at(machines.time));
  first.kill();
  machines.run_for(5min);
  CHECK(machines.actor() == second.name);
  const auto calls = second.lease->calls_of_others({}, second.at(machines.time));
  REQUIRE(calls.size() == 5);
  // The first is 15 minutes old and the last 7, by the clock of who asks, which is far from the other's.
  const auto age = [&](runtime::SystemTime when) { return second.at(machines.time).now.system - when; };
  CHECK(age(*std::min_element(calls.begin(), calls.end())) / 1s == doctest::Approx(15 * 60).epsilon(0.01));
  CHECK(age(*std::max_element(calls.begin(), calls.end())) / 1s == doctest::Approx(7 * 60).epsilon(0.01));
  // The first one's own record has them as well: there they count once.
  first.start(machines.time);
  machines.run_for(1min);
  std::vector<runtime::SystemTime> own;
  for (const auto call : first.lease->calls_of_others({}, first.at(machines.time))) {
    CHECK(first.at(machines.time).now.system - call > 5min);
    own.push_back(call);
  }
  CHECK(own.size() == 5);
  machines.run_for(1h);
  CHECK(second.lease->calls_of_others({}, second.at(machines.time)).empty());
}

TEST_CASE("a call is let out when it stands at the broker, and never after the lease") {
  struct Service final : public partner::Gateway {
    void send(partner::AttemptId attempt, const std::string&, const partner::Request&) override {
      made.push_back(attempt);
    }
    std::vector<partner::AttemptId> made;
  };
  Machines machines(2);
  machines.start_all();
  until_somebody_acts(machines);
  Member& first = machines[machines.actor() == "a" ? 0 : 1];
  Service service;
  app::Term term(*first.lease, [&] { return first.at(machines.time); });
  app::FencedGateway gateway(term, service);
  const auto call = [&](partner::AttemptId attempt) {
    first.lease->note_call(first.at(machines.time).now.system, first.at(machines.time));
    gateway.send(attempt, "token", partner::ListDevices{});
    gateway.on_time();
  };
  call(1);
  call(2);
  CHECK(service.made.empty());
  machines.run_for(50ms);
  gateway.on_time();
  CHECK(service.made == std::vector<partner::AttemptId>{1, 2});
  // The broker does not say so: it waits, and is made when it does.
  first.parted = true;
  call(3);
  machines.run_for(3s);
  gateway.on_time();
  CHECK(service.made.size() == 2);
  first.parted = false;
  machines.run_for(50ms);
  gateway.on_time();
  CHECK(service.made.size() == 3);
  // It was told, and the machine slept before it was made: its time is over.
  call(4);
  machines.run_for(20ms);
  first.suspended = true;
  machines.run_for(1min);
  gateway.on_time();
  CHECK_FALSE(term.lasts());
  first.suspended = false;
  machines.run_for(1min);
  gateway.on_time();
  CHECK(service.made.size() == 3);
  // A later term of the same bridge does not bring it back either.
  machines[first.name == "a" ? 1 : 0].kill();
  machines.run_for(2min);
  REQUIRE(machines.actor() == first.name);
  gateway.on_time();
  CHECK(service.made.size() == 3);
  CHECK_FALSE(term.lasts());
}

TEST_CASE("whatever happens, in whatever order: never two, and in peace exactly one") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Machines machines(2 + static_cast<int>(seed % 2));
    machines.start_all();
    for (int i = 0; i < 60; ++i) {
      Member& member = machines[random() % machines.all.size()];
      switch (random() % 8) {
        case 0:
          member.alive ? member.kill() : member.start(machines.time);
          break;
        case 1:
          member.parted = !member.parted;
          break;
        case 2:
          member.suspended = !member.suspended;
          break;
        case 3:
          member.lose_link();
          break;
        case 4:
          if (random() % 4 == 0) machines.restart_broker();
          break;
        default:
          break;
      }
      machines.run_for(milliseconds(random() % 20'000));
    }
    for (const auto& member : machines.all) {
      if (!member->alive) member->start(machines.time);
      member->parted = member->suspended = false;
    }
    machines.run_for(3 * kLength);
    CHECK(machines.actors().size() == 1);
  }
}
