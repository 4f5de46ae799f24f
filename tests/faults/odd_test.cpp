// Other things that happen to programs that run for years.
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <signal.h>

#include "faults/story.hpp"
#include "support/text.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using support::eventually;
using support::holds;

namespace {

const std::string kLamp = "B2136B0204240AC4E1F2A3";

std::string bridge_state(const support::Mosquitto& broker) {
  return broker.retained("emporia/bridge/state")["emporia/bridge/state"];
}

/// An installation with a broker of its own kind.
struct WithBroker {
  explicit WithBroker(std::vector<std::string> extra) : broker(options(std::move(extra))) {
    home.set_broker_port(broker.port());
  }
  static support::MosquittoOptions options(std::vector<std::string> extra) {
    support::MosquittoOptions options;
    options.extra = std::move(extra);
    return options;
  }
  support::Mosquitto broker;
  Installation home;
};

}  // namespace

TEST_CASE("the reader of the log goes away: the bridge goes on without a log") {
  Story story;
  story.home.set_wrapper({"bash", "-c", "exec \"$@\" 2> >(head -n 3 >&2)", "bash"});
  story.laws.begin();
  story.laws.switch_lamp();
  CHECK(story.laws.booked_for(2min));
  story.home.set_wrapper({});
  story.laws.check();
}

TEST_CASE("hundreds of SIGHUP, with commands between them") {
  Story story;
  story.laws.begin();
  for (int i = 0; i < 300; ++i) {
    story.laws.bridge().signal(SIGHUP);
    if (i % 100 == 50) story.laws.switch_lamp();
  }
  CHECK(story.laws.bridge().wait_for_line("nothing is different"));
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}

TEST_CASE("the service tells once that the account has no devices: nothing is taken away") {
  Story story;
  story.laws.begin();
  const auto announced = [&] { return story.home.broker.retained("homeassistant/device/+/config").size(); };
  const std::size_t before = announced();
  const auto lists = [&] {
    const std::string stats = story.home.service.command("stats");
    return number_in(stats.substr(stats.find("\"GetDevices\"")), "total");
  };
  const double lists_before = lists();
  // Only of the list of devices can a reply be that has none and that counts.
  story.home.service.command("garbage empty-reply 1");
  CHECK(eventually([&] { return lists() >= lists_before + 3; }, story.laws.patience()));
  CHECK(announced() == before);
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}

TEST_CASE("a broker that lets us write everything but one topic: the rest is there, and the log says what to do") {
  const support::TempDir folder;
  const std::string rules = folder.write("acl", "topic readwrite #\ntopic deny emporia/" + kLamp + "/state\n");
  WithBroker with({"acl_file " + rules});
  const auto bridge = with.home.start();
  CHECK_MESSAGE(bridge->wait_for_line("the broker refuses messages: check that it lets this user publish"),
                bridge->standard_error());
  CHECK(eventually([&] { return with.broker.retained("emporia/+/state").size() == 6; }, 60s));
  CHECK(with.broker.retained("emporia/" + kLamp + "/state").empty());
  CHECK(eventually([&] { return bridge_state(with.broker) == "online"; }));
}

TEST_CASE("a broker with a limit for packets: what is too large is left out and told, the rest is there") {
  WithBroker with({"max_packet_size 3000"});
  const auto bridge = with.home.start();
  CHECK_MESSAGE(bridge->wait_for_line("bytes and the broker takes packets of 3000 at most: raise its limit"),
                bridge->standard_error());
  CHECK(eventually([&] { return with.broker.retained("emporia/+/availability").size() == 6; }, 60s));
  CHECK(eventually([&] { return bridge_state(with.broker) == "online"; }));
  CHECK(bridge->running());
}

TEST_CASE("a broker that takes no QoS 1, or keeps nothing: said with what to do") {
  struct Row {
    const char* option;
    const char* line;
  };
  for (const Row& row : {Row{"max_qos 0", "the broker does not take QoS 1"},
                         Row{"retain_available false", "the broker does not keep retained messages"}}) {
    CAPTURE(row.option);
    WithBroker with({row.option});
    const auto bridge = with.home.start();
    CHECK_MESSAGE(bridge->wait_for_line(row.line), bridge->standard_error());
    CHECK(bridge->running());
  }
}

TEST_CASE("two bridges with one client id: both say so, and neither storms the broker") {
  support::FakeClock clock(kFaster);
  Installation first(Installation::with_clock(clock));
  Installation second(Installation::with_clock(clock));
  for (Installation* home : {&first, &second}) {
    home->set_clock(clock);
    home->configure("mqtt", "client_id = \"the-same\"");
  }
  second.set_broker_port(first.broker.port());
  second.configure("mqtt", "base_topic = \"other\"");
  const auto connects = [&] {
    const auto lines = first.broker.process().lines();
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return holds(line, "New client connected") && holds(line, "the-same");
    }));
  };
  const auto one = first.start();
  CHECK(one->wait_for_line("mqtt: connected"));
  const auto two = second.start();
  for (auto* bridge : {one.get(), two.get()}) {
    CHECK_MESSAGE(bridge->wait_for_line("another client may use the same [mqtt] client_id", 60s),
                  bridge->standard_error());
  }
  // Ten minutes, in which each attempt throws the other one out. Pauses grow to a minute, less a random part.
  const auto begin = clock.true_time();
  const std::size_t before = connects();
  CHECK(eventually([&] { return clock.true_time() >= begin + 10min; }, 60s));
  const auto minutes = static_cast<std::size_t>((clock.true_time() - begin) / 1min) + 1;
  const std::size_t made = connects() - before;
  CHECK(made >= 2);
  CHECK(made <= 2 * (5 + 2 * minutes));
}

TEST_CASE("the state directory is deleted while it runs: told, and the counters go on after a restart") {
  Story story;
  story.laws.begin();
  story.laws.note_beginning();
  std::filesystem::remove_all(story.home.folder.path() / "state");
  CHECK_MESSAGE(story.laws.bridge().wait_for_line("was moved or deleted", story.laws.patience()),
                story.laws.bridge().standard_error());
  CHECK(eventually([&] { return story.laws.health("/ledger/ok") == "false"; }));
  CHECK(story.laws.bridge().running());
  story.laws.stop();
  story.laws.start();
  CHECK(story.laws.bridge().wait_for_line("the ledger knew nothing of", story.laws.patience()));
  CHECK_MESSAGE(story.laws.peace(), story.laws.unrest());
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}
