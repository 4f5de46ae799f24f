#include "ledger/call_log.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/shared_calls.hpp"
#include "ledger/store.hpp"
#include "runtime/clock.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using namespace std::chrono_literals;

namespace {

using Times = std::vector<runtime::SystemTime>;
const runtime::SystemTime kNow{500'000h};

/// The bridge and a command of the command line on one file.
struct Both {
  support::TempDir folder;
  std::string file = folder.file("ledger.sqlite");
  Store bridge{file};
  SharedCalls command{file};
};

}  // namespace

TEST_CASE("what one program records the other is told, once, and is not told of its own") {
  Both both;
  CHECK(both.command.log().record(kNow));
  CHECK(both.bridge.other_calls() == Times{kNow});
  CHECK(both.bridge.other_calls().empty());
  CHECK(both.command.log().others().empty());
  CHECK(both.bridge.record_call(kNow + 1s));
  CHECK(both.bridge.other_calls().empty());
  CHECK(both.command.log().others() == Times{kNow + 1s});
}

TEST_CASE("two calls in one and the same millisecond are two") {
  Both both;
  CHECK(both.bridge.record_call(kNow));
  CHECK(both.command.log().others() == Times{kNow});
  CHECK(both.command.log().record(kNow));
  CHECK(both.bridge.other_calls() == Times{kNow});
}

TEST_CASE("nothing is recorded over the head of another program: first look, then decide again") {
  Both both;
  CHECK(both.command.log().record(kNow));
  CHECK_FALSE(both.bridge.record_call(kNow + 1s));
  CHECK(both.bridge.other_calls() == Times{kNow});
  CHECK(both.bridge.record_call(kNow + 1s));
  CHECK(both.command.log().others() == Times{kNow + 1s});
}

TEST_CASE("what was recorded before a program came counts as told, and is among the recent ones") {
  const support::TempDir folder;
  Store bridge(folder.file("ledger.sqlite"));
  CHECK(bridge.record_call(kNow));
  SharedCalls command(folder.file("ledger.sqlite"));
  CHECK(command.log().others().empty());
  CHECK(command.log().recent() == Times{kNow});
  CHECK(command.log().record(kNow + 1s));
}

TEST_CASE("a booking of the bridge is no call") {
  Both both;
  both.bridge.keep_settings(model::DeviceId("a"), {{"power_kw", 1}});
  CHECK(both.command.log().others().empty());
  CHECK(both.command.log().record(kNow));
}

TEST_CASE("a command that comes before the first bridge makes the file as the bridge would") {
  const support::TempDir folder;
  const std::string file = folder.file("ledger.sqlite");
  {
    SharedCalls command(file);
    CHECK(command.log().record(kNow));
  }
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  Store bridge(file);
  CHECK(bridge.set_aside().empty());
  CHECK(bridge.recent_calls(kNow) == Times{kNow});
}

TEST_CASE("a file of something else, or in no folder, is refused with its name and left as it is") {
  const support::TempDir folder;
  const std::string text = "these are the notes of a person, and no database at all, but quite long\n";
  const std::string file = folder.write("ledger.sqlite", text);
  CHECK_THROWS_WITH_AS(SharedCalls{file}, doctest::Contains(file.c_str()), std::runtime_error);
  CHECK(support::read_file(file) == text);
  CHECK_THROWS_WITH_AS(SharedCalls{folder.file("none/ledger.sqlite")}, doctest::Contains("cannot be used"),
                       std::runtime_error);
}

TEST_CASE("looking for calls of others costs next to nothing") {
  Both both;
  constexpr int kLooks = 2000;
  const auto before = runtime::read_clock().steady;
  for (int i = 0; i < kLooks; ++i) CHECK(both.bridge.other_calls().empty());
  const auto each = (runtime::read_clock().steady - before) / kLooks;
  MESSAGE("a look takes ", std::chrono::duration_cast<std::chrono::nanoseconds>(each).count(), " ns");
  // A bound for a busy machine under a sanitizer; a call to the service takes a hundred times as long.
  CHECK(each < 1ms);
}
