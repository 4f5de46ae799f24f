// Energy that cannot be stored for hours: it is said once, shown in the health, and none of it is lost.
#include <doctest/doctest.h>

#include "bridge/hostile_story.hpp"
#include "bridge/sample_home.hpp"
#include "ledger/sqlite.hpp"
#include "support/standard_error.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

/// The disk under a ledger's file that has no room, or has it again.
class Disk {
 public:
  explicit Disk(const std::string& path) : other_(path) {}
  void fill() {
    for (const char* table : {"usage_hour", "call"}) {
      other_.run((std::string("CREATE TRIGGER full_") + table + " BEFORE INSERT ON " + table +
                  " BEGIN SELECT RAISE(ABORT, 'no room'); END")
                     .c_str());
    }
  }
  void make_room() { other_.run("DROP TRIGGER full_usage_hour; DROP TRIGGER full_call"); }

 private:
  ledger::Database other_;
};

unsigned count(const std::string& text, const std::string& part) {
  unsigned found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a full disk: said once, told in the health, and all is booked when there is room again") {
  const support::TempDir folder;
  World world(World::some_settings(), folder.file("ledger.sqlite"));
  Disk disk(folder.file("ledger.sqlite"));
  only_lamp(world);
  world.start();
  world.run_for(1h);
  const auto booked_until = world.counters(kLamp).at(1).booked_until;
  const std::string& health = world.retained["emporia/bridge/health"];

  const std::string trouble = support::standard_error_of([&] {
    disk.fill();
    world.run_for(3h);
    CHECK(health.find(R"("ledger":{"ok":false,"error":"energy could not be stored)") != std::string::npos);
    // The service has nothing new: that nothing has to be stored is not that it could be.
    world.service.lag = 6h;
    world.run_for(90min);
    CHECK(health.find(R"("ledger":{"ok":false)") != std::string::npos);
    world.service.lag = 8min;
    world.run_for(90min);
  });
  CHECK(world.counters(kLamp).at(1).booked_until == booked_until);
  CHECK_MESSAGE(count(trouble, "energy could not be stored") == 1, trouble);
  CHECK(count(trouble, "calls cannot be recorded") == 1);
  CHECK(count(trouble, "energy is stored again") == 0);
  CHECK(trouble.find("check the room on the disk of [state] directory") != std::string::npos);

  const std::string after = support::standard_error_of([&] {
    disk.make_room();
    world.run_for(2h);
  });
  CHECK_MESSAGE(count(after, "energy is stored again") == 1, after);
  CHECK_MESSAGE(count(after, "calls are recorded again") == 1, after);
  CHECK(health.find(R"("ledger":{"ok":true,"error":null)") != std::string::npos);
  const ledger::Counter& counter = world.counters(kLamp).at(1);
  CHECK(world.true_time() - counter.booked_until < 40min);
  CHECK(counter.positive == (counter.booked_until - counter.booked_from) / 1min * 700'000);
}

TEST_CASE("a disk that is full for two days, and across a restart") {
  HostileStory story(1, 0h, {});
  story.begin();
  story.ledger().disk_full = true;
  story.run(20h);
  story.restart(5min, 0s);
  story.run(28h);
  story.ledger().disk_full = false;
  story.run(4h);
  CHECK(story.ledger().failures > 100);
  story.check();
}
