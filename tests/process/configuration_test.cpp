#include <doctest/doctest.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;

TEST_CASE("a wrong configuration: every problem with its place, nothing started, a code of its own") {
  const support::TempDir folder;
  const std::string file = folder.write("bad.toml",
                                        "[partner]\n"
                                        "emial = \"partner@example.com\"\n"
                                        "[mqtt]\n"
                                        "prot = 1883\n"
                                        "version = 4\n");
  for (const char* command : {"run", "check-config"}) {
    support::ChildProcess bridge({BRIDGE_PROGRAM, command, "--config", file});
    CHECK(bridge.wait_for_exit() == 78);
    const std::string said = bridge.standard_error();
    CHECK(said.find(file + ":2:1: ") != std::string::npos);
    CHECK(said.find("did you mean \"email\"?") != std::string::npos);
    CHECK(said.find(file + ":4:1: ") != std::string::npos);
    CHECK(said.find("did you mean \"port\"?") != std::string::npos);
    CHECK(said.find(file + ":5:11: ") != std::string::npos);
  }
}

TEST_CASE("wrong arguments: the remedy and code 2; help and version: code 0") {
  struct Case {
    std::vector<std::string> arguments;
    int code;
    const char* says;
  };
  const std::vector<Case> cases{
      {{}, 2, "Subcommands:"},
      {{"rum"}, 2, "rum"},
      {{"run", "--colour"}, 2, "--colour"},
      {{"--help"}, 0, "check-config"},
      {{"run", "--help"}, 0, "--config"},
      {{"--version"}, 0, "emporia2mqtt 0."},
  };
  for (const Case& c : cases) {
    std::vector<std::string> argv{BRIDGE_PROGRAM};
    argv.insert(argv.end(), c.arguments.begin(), c.arguments.end());
    support::ChildProcess bridge(argv);
    CAPTURE(c.says);
    CHECK(bridge.wait_for_exit() == c.code);
    CHECK((bridge.standard_output() + bridge.standard_error()).find(c.says) != std::string::npos);
  }
}

TEST_CASE("a configuration that is not there") {
  support::ChildProcess bridge({BRIDGE_PROGRAM, "run", "--config", "/nonexistent/emporia2mqtt.toml"});
  CHECK(bridge.wait_for_exit() == 78);
  CHECK(bridge.standard_error().find("/nonexistent/emporia2mqtt.toml") != std::string::npos);
}
