#include <string>

#include "announcer_story.hpp"

namespace emporia::homeassistant {
namespace {

/// The panel stands announced with mains, 4 and 5; Home Assistant is there.
void announced(AnnouncerStory& story) {
  story.at(0).born();
  story.link_up();
  story.want("P \"Panel\" mains 4 5");
  story.at(4).echo();
}

TEST_CASE("a device is announced when what stood at the broker has been read") {
  AnnouncerStory story;
  story.want("P \"Panel\" mains 4 5");
  story.at(0.5).link_up();
  story.at(5).want("P \"Panel\" mains 4 5");
  story.check("first");
}

TEST_CASE("a rename is announced at once") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Garage\" mains 4 5");
  story.check("rename");
}

TEST_CASE("a circuit is added") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Panel\" mains 4 5 6");
  story.check("circuit_added");
}

TEST_CASE("a circuit is removed") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Panel\" mains 4");
  story.check("circuit_removed");
}

TEST_CASE("a circuit comes back while it is being removed") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Panel\" mains 4");
  story.at(7.5).want("P \"Panel\" mains 4 5");
  story.check("circuit_returns");
}

TEST_CASE("another circuit is removed while one is being removed") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Panel\" mains 4");
  story.at(6).want("P \"Panel\" mains");
  story.check("two_removed");
}

TEST_CASE("a circuit was removed while the bridge was away") {
  AnnouncerStory story;
  story.link_up();
  story.at(0.2).found("P \"Panel\" mains 4 5");
  story.at(0.5).want("P \"Panel\" mains 4");
  story.at(60).born();
  story.check("removed_while_away");
}

TEST_CASE("the bridge stopped in the middle of a removal") {
  AnnouncerStory story;
  story.link_up();
  story.at(0.2).found("P \"Panel\" mains 4 -5");
  story.at(0.5).want("P \"Panel\" mains 4");
  story.check("stopped_midway");
}

TEST_CASE("a device is removed") {
  AnnouncerStory story;
  announced(story);
  story.at(5).remove("P");
  story.at(5.1).echo();
  story.check("device_removed");
}

TEST_CASE("a device is removed while Home Assistant is away") {
  AnnouncerStory story;
  announced(story);
  story.at(5).left();
  story.at(6).remove("P");
  story.at(60).born();
  story.check("device_removed_unseen");
}

TEST_CASE("a device went while the bridge was away") {
  AnnouncerStory story;
  story.at(0).born();
  story.link_up();
  story.at(0.1).found("OLD \"Shed\" mains 4");
  story.at(0.1).found("P \"Panel\" mains 4 5");
  story.at(2).want("P \"Panel\" mains 4 5");
  story.leftovers();
  story.at(3).remove("OLD");
  story.leftovers();
  story.check("gone_while_away");
}

TEST_CASE("Home Assistant is born") {
  AnnouncerStory story;
  announced(story);
  story.at(4).want("OUT \"Lamp\" on");
  story.at(60).left();
  story.at(90).born();
  story.check("birth");
}

TEST_CASE("a person deletes a device at Home Assistant") {
  AnnouncerStory story;
  announced(story);
  story.at(5).emptied("P");
  story.at(5.1).emptied("P");
  story.at(6).echo();
  story.at(10).want("P \"Garage\" mains 4 5");
  story.at(60).born();
  story.check("deleted");
}

TEST_CASE("a deleted device is removed for good") {
  AnnouncerStory story;
  announced(story);
  story.at(5).emptied("P");
  story.at(10).remove("P");
  story.at(60).born();
  story.check("deleted_and_removed");
}

TEST_CASE("what changes within the pause is said once") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Garage\" mains 4 5");
  story.at(5.4).want("P \"Garage\" mains 4");
  story.at(5.8).want("P \"Garage\" mains 4 5");
  story.at(6.2).want("P \"Shed\" mains 4 5");
  story.check("flapping");
}

TEST_CASE("the link goes down in the midst of a removal") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Panel\" mains 4");
  story.at(5.5).link_down();
  story.at(11.2).link_back();
  story.at(20).born();
  story.check("link_down");
}

TEST_CASE("circuits become devices of their own and back") {
  AnnouncerStory story;
  announced(story);
  story.at(5).want("P \"Panel\" mains|P_4 \"Oven\" 4|P_5 \"Solar\" 5");
  story.at(20).want("P \"Panel\" mains 4 5");
  story.check("circuits_as_devices");
}

TEST_CASE("what others wrote at the broker changes nothing") {
  const AnnouncerStory builder;
  const std::string ours = builder.device("P \"Panel\" mains 4").payload();
  const auto with = [&ours](const std::string& from, const std::string& to) {
    std::string text = ours;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  const std::string topic = "homeassistant/device/emporia_P/config";
  struct Case {
    const char* what;
    std::string topic;
    std::string payload;
  };
  const Case kCases[] = {
      {"not JSON", topic, "{\"device\": "},
      {"no object", topic, "[1, 2]"},
      {"a number", topic, "7"},
      {"binary", topic, std::string("\x00\xFF\x80", 3)},
      {"deep", topic, std::string(100000, '[')},
      {"huge", topic, ours + std::string(200 * 1024, ' ')},
      {"another program's", topic, with("emporia2mqtt", "zigbee2mqtt")},
      {"another bridge's", topic, with("emporia/bridge/state", "other/bridge/state")},
      {"components is a list", topic, with("\"components\":{", "\"components\":[],\"x\":{")},
      {"a key that is no key", topic, with("sensor_4_power", "sensor 4 power")},
      {"an unknown platform", topic, with("\"platform\":\"sensor\"", "\"platform\":\"warp_drive\"")},
      {"a component without identity", topic, with("\"unique_id\"", "\"name\"")},
      {"another object", "homeassistant/device/zigbee_P/config", ours},
      {"another prefix", "ha/device/emporia_P/config", ours},
      {"another shape", "homeassistant/sensor/emporia_P/config", ours},
      {"no object in the topic", "homeassistant/device//config", ours},
      {"a level too many", "homeassistant/device/emporia_P/x/config", ours},
      {"emptied and unknown", topic, ""},
  };
  const runtime::Now now{runtime::SteadyTime{} + std::chrono::hours{1}, {}};
  for (const Case& each : kCases) {
    CAPTURE(each.what);
    AnnouncerStory story;
    story.announcer.link_up(now);
    story.announcer.found(each.topic, each.payload, now);
    CHECK(story.announcer.leftovers().empty());
    CHECK(story.announcer.next_deadline() == runtime::kNever);
  }
  AnnouncerStory story;
  story.announcer.found(topic, ours, now);
  CHECK(story.announcer.leftovers() == std::vector<std::string>{"emporia_P"});
}

TEST_CASE("what the broker has replayed is waited for no longer than it takes") {
  AnnouncerStory story;
  const runtime::Now now{runtime::SteadyTime{} + std::chrono::hours{1}, {}};
  const auto after = [&now](int milliseconds) {
    return runtime::Now{now.steady + std::chrono::milliseconds{milliseconds}, now.system};
  };
  const auto standing = [](const std::string&) { return true; };
  // Before the link is up there is nothing that could have been replayed.
  story.announcer.replayed(now);
  story.announcer.want({story.device("P \"House\" mains")}, now);
  CHECK(story.announcer.on_time(now, standing).empty());
  story.announcer.link_up(now);
  CHECK(story.announcer.on_time(after(100), standing).empty());
  CHECK(story.announcer.next_deadline() == after(1000).steady);
  story.announcer.replayed(after(100));
  CHECK(story.announcer.on_time(after(100), standing).size() == 1);
  CHECK(story.announcer.next_deadline() == runtime::kNever);
}

TEST_CASE("of many devices that have gone unseen by Home Assistant only so many are kept in mind") {
  AnnouncerStory story;
  const auto standing = [](const std::string&) { return true; };
  runtime::Now now{runtime::SteadyTime{} + std::chrono::hours{1}, {}};
  story.announcer.link_up(now);
  story.announcer.replayed(now);
  const auto say_all = [&] {
    std::set<std::string> objects;
    for (int second = 0; second < 120; ++second, now.steady += std::chrono::seconds{1}) {
      for (auto steps = story.announcer.on_time(now, standing); !steps.empty();
           steps = story.announcer.on_time(now, standing)) {
        for (const Step& step : steps) objects.insert(step.object);
      }
    }
    return objects;
  };
  std::vector<std::string> objects;
  for (int index = 0; index < 500; ++index) {
    const Discovery device = story.device(runtime::concat("D", index, " \"x\" mains"));
    objects.push_back(device.object);
    story.announcer.want({device}, now);
  }
  CHECK(say_all().size() == 500);
  for (const std::string& object : objects) story.announcer.remove(object, now);
  CHECK(say_all().size() == 500);
  story.announcer.born(now);
  CHECK(say_all().size() == 200);
}

TEST_CASE("what strangers leave at the broker does not fill the memory") {
  AnnouncerStory story;
  const runtime::Now now{runtime::SteadyTime{} + std::chrono::hours{1}, {}};
  const std::string filler = "\"unique_id\":\"" + std::string(60 * 1024, 'x');
  for (int index = 0; index < 2000; ++index) {
    const Discovery device = story.device(runtime::concat("D", index, " \"x\" mains"));
    std::string payload = device.payload();
    payload.replace(payload.find("\"unique_id\":\""), 13, filler);
    story.announcer.found(device.topic, payload, now);
  }
  const std::size_t kept = story.announcer.leftovers().size();
  CHECK(kept > 500);
  CHECK(kept * filler.size() <= 64U * 1024 * 1024);
}

}  // namespace
}  // namespace emporia::homeassistant
