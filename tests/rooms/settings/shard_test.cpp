// [fleet] shard: which of several bridges a device belongs to, and what each may spend.
#include "settings/shard.hpp"

#include <map>
#include <set>

#include "helpers.hpp"

using namespace settings_stories;
using namespace emporia::settings;

TEST_CASE("whose a device is never changes: by an independent computation") {
  // Python 3, with the doubles of the paper in place of our whole numbers:
  //   h = 0xcbf29ce484222325
  //   for byte in id.encode(): h = ((h ^ byte) * 0x100000001b3) % 2**64
  //   b, j = -1, 0
  //   while j < n:
  //     b = j; h = (h * 2862933555777941757 + 1) % 2**64
  //     j = int((b + 1) * ((1 << 31) / ((h >> 33) + 1)))
  //   print(b + 1)
  struct Row {
    const char* id;
    /// Among 1, 2, 3, 4, 8 and 100 bridges.
    unsigned of[6];
  };
  constexpr unsigned kCounts[] = {1, 2, 3, 4, 8, 100};
  constexpr Row kRows[] = {
      {"A0001", {1, 2, 2, 2, 2, 25}},
      {"A2107A04B4B8F009A6CEC4", {1, 1, 1, 1, 5, 23}},
      {"B0000B0204c45bbefa948b", {1, 1, 1, 1, 5, 99}},
      {"D0000C0000000000000001", {1, 1, 1, 1, 5, 65}},
      {"C0001", {1, 1, 1, 4, 8, 87}},
      {"E0001", {1, 2, 3, 3, 3, 16}},
      {"-23odd", {1, 2, 2, 2, 2, 100}},
      {"group--upper-flat", {1, 1, 1, 1, 7, 74}},
      {"", {1, 2, 2, 2, 2, 91}},
  };
  for (const Row& row : kRows) {
    for (std::size_t i = 0; i < std::size(kCounts); ++i) {
      CAPTURE(row.id);
      CAPTURE(kCounts[i]);
      CHECK(shard_of(row.id, kCounts[i]) == row.of[i]);
    }
  }
}

TEST_CASE("ids that hardly differ are spread evenly, and one bridge more takes its part and moves nothing else") {
  std::map<unsigned, std::map<unsigned, unsigned>> devices;
  unsigned moved = 0;
  for (unsigned i = 0; i < 10'000; ++i) {
    const std::string id = "A2107A04B4B8F009" + std::to_string(100'000 + i);
    for (const unsigned count : {3U, 4U, 8U, 100U}) ++devices[count][shard_of(id, count)];
    const unsigned before = shard_of(id, 3);
    const unsigned after = shard_of(id, 4);
    if (before == after) continue;
    ++moved;
    CHECK(after == 4);
  }
  for (const auto& [count, numbers] : devices) {
    CHECK(numbers.size() == count);
    const double fair = 10'000.0 / count;
    for (const auto& number : numbers) {
      CHECK(number.second > fair * 0.6);
      CHECK(number.second < fair * 1.4);
    }
  }
  CHECK(moved == devices[4][4]);
}

TEST_CASE("number/count is read, and nothing that only looks like it") {
  CHECK(parse_shard("2/8") == Shard{2, 8});
  CHECK(parse_shard("1/1") == Shard{1, 1});
  CHECK(parse_shard("100/100") == Shard{100, 100});
  for (const char* text : {"", "/", "2", "2/", "/8", "0/8", "9/8", "2/0", "02/8", "2/08", "2 / 8", "+2/8", "-1/8",
                           "2/8/9", "2/101", "a/b", "2/8 ", "4294967298/8"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_shard(text));
  }
}

TEST_CASE("the parts of the budget are the budget: none is lost, none is made, and commands have one call at least") {
  for (const int calls : {95, 96, 99, 1000}) {
    for (unsigned count = 1; count <= kMostShards; ++count) {
      int sum = 0;
      for (unsigned number = 1; number <= count; ++number) {
        const Budget part = part_of({calls, 15}, {number, count});
        sum += part.calls_per_hour;
        CHECK(part.command_reserve >= 1);
        CHECK(part.calls_per_hour >= calls / static_cast<int>(count));
      }
      CHECK(sum == calls);
    }
  }
  CHECK(part_of({95, 15}, {1, 8}) == Budget{12, 2});
  CHECK(part_of({95, 15}, {7, 8}) == Budget{12, 2});
  CHECK(part_of({95, 15}, {8, 8}) == Budget{11, 1});
  // Who keeps nothing for commands has said so.
  CHECK(part_of({95, 0}, {1, 8}).command_reserve == 0);
  CHECK(own_budget(loaded("[fleet]\nshard = \"8/8\"\n").settings) == Budget{11, 1});
  CHECK(own_budget(loaded("").settings) == Budget{95, 15});
}

TEST_CASE("each of the bridges has a name of its own at the broker; one that is given is taken with a warning") {
  CHECK(loaded("").settings.mqtt.client_id == "emporia2mqtt-emporia");
  CHECK(loaded("[fleet]\nshard = \"2/8\"\n").settings.mqtt.client_id == "emporia2mqtt-emporia-2");
  const Loaded given = loaded("[mqtt]\nclient_id = \"mine\"\n[fleet]\nshard = \"2/8\"\n");
  CHECK(given.settings.mqtt.client_id == "mine");
  REQUIRE(given.warnings.size() == 1);
  CHECK(to_text(given.warnings.front()).find("each of the bridges needs another one") != std::string::npos);
}

TEST_CASE("the environment's shard comes first, so that all bridges of a fleet may have one file") {
  const std::map<std::string, std::string> account{{"EMPORIA_EMAIL", "me@example.com"},
                                                   {"EMPORIA_PASSWORD", "correct horse"}};
  auto third = account;
  third["EMPORIA_SHARD"] = "3/4";
  CHECK(loaded("", environment(third)).settings.fleet.shard == "3/4");
  const Loaded both = loaded("[fleet]\nshard = \"1/4\"\n", environment(third));
  CHECK(both.settings.fleet.shard == "3/4");
  CHECK(texts(both.warnings) ==
        Lines{"test.toml:2:9: [fleet] shard: is not used: the environment's EMPORIA_SHARD comes first"});
  auto wrong = account;
  wrong["EMPORIA_SHARD"] = "0/4";
  CHECK(
      problems_of("", environment(wrong)) ==
      Lines{"the environment's EMPORIA_SHARD is \"0/4\", expected number/count like \"2/8\", the number from 1 to the "
            "count and the count at most 100"});
}

TEST_CASE("more bridges than the budget carries are refused with the numbers") {
  CHECK(
      problems_of("[fleet]\nshard = \"2/10\"\n") ==
      Lines{"test.toml:2:9: [fleet] shard: shares 95 calls_per_hour of [budget] among 10 bridges, which leaves one of "
            "them 9, and a bridge needs 10 to work; take at most 9 bridges, or let calls_per_hour be 100 or more if "
            "the account has that many"});
  // 21 and 20 are legal for one bridge; of two the second would have 10 of each.
  CHECK(problems_of("[budget]\ncalls_per_hour = 21\ncommand_reserve = 20\n[fleet]\nshard = \"1/2\"\n") ==
        Lines{"test.toml:5:9: [fleet] shard: leaves one of 2 bridges 10 calls an hour, of which 10 are "
              "command_reserve; the reserve has to be less, or nothing could be read"});
}
