// What keeps a bridge from its work: the log names the cause and what to do, bridge/health names it too where there is
// a broker to say it to, and the exit code tells a service manager whether starting again could help.
#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <optional>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "process/installation.hpp"
#include "support/text.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;
using support::holds;

namespace {

std::string health(const Installation& home) {
  return home.broker.retained("emporia/bridge/health")["emporia/bridge/health"];
}

/// An authority for the length of a test, and an installation whose service has an expired certificate of it.
Installation with_expired_service(support::Authority& authority) {
  return Installation(Installation::with_certificate(authority.expired_server()));
}

struct Case {
  const char* name;
  std::function<void(Installation&)> arrange;
  /// Of the line that names the cause, and of the one that says what to do; often one and the same.
  const char* cause;
  const char* remedy;
  /// What bridge/health says.
  const char* told;
  /// Nothing: the bridge goes on trying.
  std::optional<int> code;
};

void check_case(const Case& c, Installation& home) {
  CAPTURE(c.name);
  c.arrange(home);
  const auto bridge = home.start();
  if (c.code) CHECK(bridge->wait_for_exit() == *c.code);
  CHECK_MESSAGE(bridge->wait_for_line(c.cause), bridge->standard_error());
  CHECK_MESSAGE(bridge->wait_for_line(c.remedy), bridge->standard_error());
  if (*c.told != '\0') {
    CHECK_MESSAGE(eventually([&] { return holds(health(home), c.told); }), health(home));
  }
  if (!c.code) {
    CHECK(bridge->running());
    bridge->signal(SIGTERM);
    CHECK(bridge->wait_for_exit(std::chrono::seconds{5}) == 0);
  }
  CHECK_FALSE(holds(bridge->standard_error(), kPassword));
}

}  // namespace

TEST_CASE("what is wrong at the service, at the broker and in the configuration: cause, remedy, exit code") {
  support::Authority another("Another authority");
  const std::vector<Case> cases{
      {"wrong password", [](Installation& home) { home.set_password("not the password"); },
       "the service refuses the e-mail or password", "put the e-mail and password of the partner portal into [partner]",
       R"("state":"auth_refused")", 77},
      {"no service", [](Installation& home) { home.set_endpoint("localhost:1"); }, "the service cannot be reached",
       "Connection refused", R"("state":"unreachable")", std::nullopt},
      {"no name", [](Installation& home) { home.set_endpoint("partner.invalid:50052"); },
       "the service's name cannot be resolved", "check the network and [partner] endpoint",
       R"(the service's name cannot be resolved)", std::nullopt},
      {"wrong CA", [&](Installation& home) { home.set_ca_file(another.certificate_file()); },
       "the service's certificate is not trusted", "check [partner] ca_file and this machine's date",
       "the service's certificate is not trusted", std::nullopt},
      {"no broker", [](Installation& home) { home.broker.kill(); }, "connection refused",
       "is the broker running at 127.0.0.1:", "", std::nullopt},
      {"wrong CA file", [](Installation& home) { home.set_ca_file("/nonexistent/ca.pem"); },
       "[partner] ca_file: ", "/nonexistent/ca.pem does not exist", "", 78},
      {"wrong option", [](Installation& home) { home.configure("mqtt", "prot = 1883"); }, "[mqtt] prot: unknown option",
       "did you mean \"port\"?", "", 78},
      {"state directory is a file", [](Installation& home) { home.folder.write("state", "not a folder"); },
       "the state directory ", "set [state] directory to one that can be written", "", 73},
      {"ledger is a folder",
       [](Installation& home) { std::filesystem::create_directories(home.folder.path() / "state/ledger.sqlite"); },
       "ledger.sqlite cannot be used", "check that [state] directory exists, is writable and has room", "", 73},
  };
  for (const Case& c : cases) {
    Installation home;
    check_case(c, home);
  }
}

TEST_CASE("an expired certificate of the service") {
  support::Authority authority;
  Installation home = with_expired_service(authority);
  home.set_ca_file(authority.certificate_file());
  check_case({"expired", [](Installation&) {}, "the service's certificate is not trusted: it has expired, or",
              "check [partner] ca_file and this machine's date", "it has expired, or", std::nullopt},
             home);
}

TEST_CASE("a broker that refuses the password: it goes on trying, because a person may mend it at the broker") {
  support::MosquittoOptions guarded;
  guarded.username = "bridge";
  guarded.password = "the right one";
  const support::Mosquitto broker(guarded);
  Installation home;
  home.set_broker_port(broker.port());
  home.configure("mqtt", "username = \"bridge\"\npassword = \"the wrong one\"");
  const auto bridge = home.start();
  CHECK(bridge->wait_for_line("check [mqtt] username and password"));
  CHECK(bridge->running());
  CHECK_FALSE(holds(bridge->standard_error(), "the wrong one"));
}

TEST_CASE("a password file that cannot be read") {
  Installation home;
  home.write_configuration();
  std::filesystem::remove(home.folder.path() / "password");
  std::filesystem::create_directory(home.folder.path() / "password");
  const auto bridge = home.run({"run"});
  CHECK(bridge->wait_for_exit() == 78);
  CHECK(holds(bridge->standard_error(), "[partner] password_file: "));
  CHECK(holds(bridge->standard_error(), "is a directory, expected a file"));
}

TEST_CASE("a disk without room at the start: said, with a code of its own") {
  Installation home;
  // No file may grow: what a full disk is to the program.
  home.set_wrapper({"prlimit", "--fsize=0", "--"});
  const auto bridge = home.start();
  CHECK(bridge->wait_for_exit() == 73);
  CHECK_MESSAGE(holds(bridge->standard_error(), "check that [state] directory exists, is writable and has room"),
                bridge->standard_error());
}

TEST_CASE("a disk that fills up while it runs: told, survived, and over when there is room again") {
  Installation home;
  const auto bridge = home.start();
  REQUIRE(eventually([&] { return holds(health(home), R"("ledger":{"ok":true)") && holds(health(home), "\"ok\""); }));
  const std::string charger = "emporia/D2245A7C2E30AEA4D5E6F7/state";
  REQUIRE(eventually([&] { return holds(home.broker.retained(charger)[charger], "\"as_of\":\"2"); }));
  const auto limit_files_to = [&](rlim_t bytes) {
    const rlimit limit{bytes, RLIM_INFINITY};
    REQUIRE(prlimit(bridge->pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
  };
  limit_files_to(0);
  // Nothing but the record of this call has to be written.
  home.broker.publish("emporia/B2136B0204240AC4E1F2A3/set/on", "OFF");
  CHECK_MESSAGE(
      eventually([&] { return holds(health(home), R"("ledger":{"ok":false,"error":"calls cannot be recorded)"); }),
      health(home));
  CHECK(bridge->wait_for_line("calls cannot be recorded"));
  CHECK(bridge->running());
  limit_files_to(RLIM_INFINITY);
  home.broker.publish("emporia/B2136B0204240AC4E1F2A3/set/on", "ON");
  CHECK(bridge->wait_for_line("calls are recorded again (after "));
  CHECK(eventually([&] { return holds(health(home), R"("ledger":{"ok":true)"); }));
}

TEST_CASE("what it keeps is for its own user alone, whatever files are made like otherwise") {
  Installation home;
  home.set_wrapper({"sh", "-c", "umask 0; exec \"$@\"", "sh"});
  const auto bridge = home.start();
  REQUIRE(eventually([&] { return home.broker.retained("emporia/bridge/health").size() == 1; }));
  const auto mode = [](const std::filesystem::path& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
  };
  const auto directory = home.folder.path() / "state";
  CHECK(mode(directory) == 0700);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    CAPTURE(entry.path().string());
    CHECK(mode(entry.path()) == 0600);
    ++files;
  }
  CHECK(files >= 2);
}
