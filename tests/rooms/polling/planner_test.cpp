#include "polling/planner.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::polling;
using namespace std::chrono_literals;

namespace {

model::Device device(const char* id, model::DeviceModel model) {
  model::Device result;
  result.id = model::DeviceId(id);
  result.model = model;
  result.connected = true;
  return result;
}

/// A planner, a home and a clock turned by hand.
struct Bench {
  explicit Bench(PollingOptions options = {}) : planner(options) {}

  /// "inventory | usage a b": what is due now, and under way from here on.
  std::string due() {
    std::string text;
    for (const Poll& poll : planner.take_due(now)) {
      text += text.empty() ? "" : " | ";
      text += word(poll.kind);
      for (const auto& id : poll.devices) text += " " + id.text();
    }
    return text;
  }
  void lists(std::vector<model::Device> devices) {
    home = model::Home();
    home.apply(model::InventorySeen{model::UtcSeconds{}, std::move(devices)});
    planner.on_home(home, now);
  }
  void done(std::initializer_list<PollKind> kinds, bool ok = true) {
    for (const PollKind kind : kinds) planner.done(kind, ok, now);
  }
  void pass(std::chrono::seconds time) {
    now.steady += time;
    now.system += time;
  }
  std::chrono::seconds next() const {
    return std::chrono::duration_cast<std::chrono::seconds>(planner.next_deadline() - now.steady);
  }

  runtime::Now now{runtime::SteadyTime{} + 1000h, runtime::SystemTime{} + 500'000h};
  model::Home home;
  Planner planner;
};

using model::DeviceModel;

}  // namespace

TEST_CASE("first the inventory, then what it tells to ask, each kind about its own devices, groups never") {
  Bench b;
  CHECK(b.due() == "inventory");
  CHECK(b.due() == "");
  b.lists({device("v", DeviceModel::vue3), device("o1", DeviceModel::outlet), device("o2", DeviceModel::outlet),
           device("c", DeviceModel::ev_charger), device("b", DeviceModel::battery),
           device("u", DeviceModel::utility_connect), device("x", DeviceModel::unknown),
           device("group:g", DeviceModel::group)});
  b.done({PollKind::inventory});
  CHECK(b.due() == "usage b c o1 o2 u v x | outlets o1 o2 | ev_chargers c | batteries b | utility_connects u");
  CHECK(b.due() == "");
}

TEST_CASE("a kind is asked again an interval after its last round began, not before that round is done") {
  Bench b({95, 15, 600s, 60s, 300s});
  b.due();
  b.lists({device("o", DeviceModel::outlet)});
  b.done({PollKind::inventory});
  CHECK(b.due() == "usage o | outlets o");
  b.pass(20s);
  b.done({PollKind::usage, PollKind::outlets});
  CHECK(b.next() == 40s);
  b.pass(39s);
  CHECK(b.due() == "");
  b.pass(1s);
  CHECK(b.due() == "usage o");
  // A reply that takes longer than the interval: the next round follows at once, and none is made up for.
  b.pass(150s);
  CHECK(b.due() == "");
  b.done({PollKind::usage});
  CHECK(b.due() == "usage o");
  b.done({PollKind::usage});
  CHECK(b.next() == 60s);
}

TEST_CASE("a failed round comes again after a pause that doubles, a good one starts anew") {
  Bench b({95, 15, 60s, std::nullopt, std::nullopt});
  b.due();
  b.lists({});
  for (const auto pause : {5s, 10s, 20s, 40s, 80s, 160s, 320s, 600s, 600s, 600s}) {
    b.done({PollKind::inventory}, false);
    CHECK(b.next() == pause);
    b.pass(pause);
    CHECK(b.due() == "inventory");
  }
  b.done({PollKind::inventory});
  CHECK(b.next() == 60s);
  b.pass(60s);
  CHECK(b.due() == "inventory");
  b.done({PollKind::inventory}, false);
  CHECK(b.next() == 5s);
}

TEST_CASE("before the first inventory nothing else is asked, and the inventory is tried again") {
  Bench b;
  b.due();
  b.done({PollKind::inventory}, false);
  b.pass(5s);
  CHECK(b.due() == "inventory");
}

TEST_CASE("a device the service refuses to tell of is left out for an hour") {
  Bench b({95, 15, std::nullopt, 60s, 300s});
  b.due();
  b.lists({device("o1", DeviceModel::outlet), device("o2", DeviceModel::outlet)});
  b.done({PollKind::inventory});
  b.due();
  b.planner.hold(model::DeviceId("o1"), b.now);
  b.done({PollKind::usage, PollKind::outlets});
  b.pass(300s);
  b.due();
  b.done({PollKind::inventory, PollKind::usage, PollKind::outlets});
  b.planner.hold(model::DeviceId("o2"), b.now);
  b.pass(300s);
  // Both are held: nobody is asked, and not in a circle either.
  CHECK(b.due().find("outlets") == std::string::npos);
  CHECK(b.planner.next_deadline() > b.now.steady);
  b.pass(3000s);
  CHECK(b.due().find("outlets o1") != std::string::npos);
}

TEST_CASE("devices that come and go while polls are under way") {
  Bench b({95, 15, 600s, 60s, 300s});
  b.due();
  b.lists({device("v", DeviceModel::vue2)});
  b.done({PollKind::inventory});
  CHECK(b.due() == "usage v");
  b.lists({device("v", DeviceModel::vue2), device("b", DeviceModel::battery)});
  CHECK(b.due() == "batteries b");
  b.done({PollKind::usage});
  b.lists({device("v", DeviceModel::vue2)});  // gone before it answered
  b.done({PollKind::batteries});
  b.pass(300s);
  CHECK(b.due() == "usage v");
  b.lists({device("b", DeviceModel::battery)});
  CHECK(b.due() == "batteries b");
}

TEST_CASE("a refresh makes all due, but nothing twice") {
  Bench b;
  b.due();
  b.lists({device("o", DeviceModel::outlet)});
  b.done({PollKind::inventory});
  b.due();
  b.done({PollKind::outlets});
  b.pass(10s);
  b.planner.refresh(b.now);
  CHECK(b.due() == "inventory | outlets o");
}

TEST_CASE("a refresh button that is pressed again and again asks once in ten seconds") {
  Bench b;
  b.due();
  b.lists({device("o", DeviceModel::outlet)});
  b.done({PollKind::inventory});
  b.due();
  b.done({PollKind::outlets});
  for (int press = 0; press < 9; ++press) {
    b.pass(1s);
    b.planner.refresh(b.now);
    CHECK(b.due() == "");
  }
  b.pass(1s);
  CHECK(b.due() == "inventory | outlets o");
}

TEST_CASE("the times of bridge/health") {
  Bench b({95, 15, std::nullopt, 60s, std::nullopt});
  CHECK_FALSE(b.planner.times(PollKind::usage, b.now).next.has_value());
  b.due();
  b.lists({device("v", DeviceModel::vue2)});
  b.done({PollKind::inventory});
  b.due();
  CHECK_FALSE(b.planner.times(PollKind::usage, b.now).last.has_value());
  b.pass(10s);
  b.done({PollKind::usage});
  const auto times = b.planner.times(PollKind::usage, b.now);
  CHECK(times.last == b.now.system);
  CHECK(times.next == b.now.system + 50s);
}
