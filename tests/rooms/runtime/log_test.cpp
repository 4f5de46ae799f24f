#include "runtime/log.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <functional>
#include <regex>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "support/standard_error.hpp"

using namespace emporia::runtime;

namespace {

/// What standard error got while `say` ran, by lines.
std::vector<std::string> raw_lines(const std::function<void()>& say) {
  std::vector<std::string> lines;
  std::istringstream text(emporia::support::standard_error_of(say));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// Without the time in front.
std::vector<std::string> logged(const std::function<void()>& say) {
  std::vector<std::string> lines;
  const std::regex time(R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d )");
  for (const std::string& line : raw_lines(say)) {
    CHECK_MESSAGE(std::regex_search(line, time), "no time in front: ", line);
    lines.push_back(std::regex_replace(line, time, ""));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a line tells its level and room; debug is silent until asked for") {
  const auto say = [] {
    log_debug("partner", "a detail");
    log_info("partner", "signed in");
    log_warning("mqtt", "the broker is away");
    log_error("ledger", "the disk is full");
  };
  CHECK(logged(say) ==
        Lines{"info partner: signed in", "warning mqtt: the broker is away", "error ledger: the disk is full"});
  set_log_level(LogLevel::debug);
  CHECK(logged(say).front() == "debug partner: a detail");
  set_log_level(LogLevel::warning);
  CHECK(logged(say) == Lines{"warning mqtt: the broker is away", "error ledger: the disk is full"});
  set_log_level(LogLevel::error);
  CHECK(logged(say) == Lines{"error ledger: the disk is full"});
  set_log_level(LogLevel::info);
}

TEST_CASE("the format can be chosen, and secrets are left out of each") {
  const auto say = [] { log_warning("mqtt", "the broker \"home\" knows open sesame"); };
  hide_in_log("open sesame");
  set_log_format(LogFormat::json);
  const Lines json = raw_lines(say);
  set_log_format(LogFormat::journal);
  const Lines journal = raw_lines(say);
  set_log_format(LogFormat::text);
  REQUIRE(json.size() == 1);
  const std::regex object(
      R"re(^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d","level":"warning","room":"mqtt",)re"
      R"re("message":"the broker \\"home\\" knows \*\*\*"\}$)re");
  CHECK_MESSAGE(std::regex_match(json[0], object), json[0]);
  CHECK(journal == Lines{"<4>mqtt: the broker \"home\" knows ***"});
  CHECK(logged(say) == Lines{"warning mqtt: the broker \"home\" knows ***"});
}

TEST_CASE("left to itself, it writes for the journal where systemd reads standard error, and for people elsewhere") {
  const auto lines_with = [](const std::function<std::string(const struct stat&)>& stream) {
    return raw_lines([&] {
      struct stat status {};
      REQUIRE(fstat(STDERR_FILENO, &status) == 0);
      const std::string value = stream(status);
      setenv("JOURNAL_STREAM", value.c_str(), 1);
      set_log_format(LogFormat::automatic);
      log_info("mqtt", "connected");
    });
  };
  const auto name = [](const struct stat& s, int off) {
    return std::to_string(s.st_dev) + ":" + std::to_string(s.st_ino + static_cast<unsigned>(off));
  };
  CHECK(lines_with([&](const struct stat& s) { return name(s, 0); }) == Lines{"<6>mqtt: connected"});
  CHECK(log_format() == LogFormat::journal);
  // Redirected since systemd made the stream.
  CHECK(lines_with([&](const struct stat& s) { return name(s, 1); })[0].find("info mqtt: connected") == 26);
  CHECK(log_format() == LogFormat::text);
  unsetenv("JOURNAL_STREAM");
}

TEST_CASE("a secret never reaches a line, wherever it stands") {
  hide_in_log("hunter22");
  hide_in_log("hunter22-and-more");
  hide_in_log("hunter22");
  CHECK(logged([] { log_info("settings", "password hunter22, again hunter22"); }) ==
        Lines{"info settings: password ***, again ***"});
  CHECK(logged([] { log_error("settings", "hunter22hunter22"); }) == Lines{"error settings: ******"});
  // The longer secret goes as a whole, not as the shorter one and a rest.
  CHECK(logged([] { log_info("settings", "hunter22-and-more!"); }) == Lines{"info settings: ***!"});
  CHECK(without_secrets("x hunter22 y") == "x *** y");
}

TEST_CASE("texts too short to be secrets are left alone") {
  hide_in_log("");
  hide_in_log("the");
  CHECK(without_secrets("the broker") == "the broker");
}

TEST_CASE("a secret made of the mask's own signs does not loop") {
  hide_in_log("****");
  CHECK(without_secrets("a ******** b") == "a ****** b");
}

TEST_CASE("foreign text cannot forge a line or steer a terminal") {
  const std::string text =
      "name\r\n2026-11-23T00:00:00+0000 error all is lost\x1b[2J\x7f\t.\xC2\x9B"
      "2J \xC2\xA0 \xC3\xA9";
  CHECK(logged([&] { log_info("partner", text); }) ==
        Lines{"info partner: name  2026-11-23T00:00:00+0000 error all is lost [2J  . 2J \xC2\xA0 \xC3\xA9"});
  CHECK(logged([] { log_info("partner", "{} %s {0}"); }) == Lines{"info partner: {} %s {0}"});
}

TEST_CASE("a failure that lasts is a line, its end is a line with the count") {
  Episode episode;
  const auto lines = logged([&] {
    episode.ended("partner", "answers again");
    for (int i = 0; i < 1000; ++i) episode.failed("partner", "cannot be reached");
    CHECK(episode.lasts());
    episode.failed("partner", "the name cannot be resolved");
    // Causes that take turns are not a line a turn.
    episode.failed("partner", "cannot be reached");
    episode.failed("partner", "usage: the name cannot be resolved", "the name cannot be resolved");
    episode.ended("partner", "answers again");
    CHECK_FALSE(episode.lasts());
    episode.ended("partner", "answers again");
    episode.failed("partner", "cannot be reached");
    episode.ended("partner", "answers again");
  });
  CHECK(lines == Lines{"warning partner: cannot be reached", "warning partner: the name cannot be resolved",
                       "info partner: answers again (after 1003 failures)", "warning partner: cannot be reached",
                       "info partner: answers again (after 1 failure)"});
}
