#include "cli/asking.hpp"

#include <array>
#include <doctest/doctest.h>
#include <thread>

#include "ledger/shared_calls.hpp"
#include "ledger/store.hpp"
#include "simulator/simulator.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::cli;
using namespace std::chrono_literals;
using Why = NoAnswer::Why;

namespace {

simulator::Options typical_home() {
  simulator::Options options;
  options.home = simulator::load_home(std::string(SOURCE_DIR) + "/tests/simulator/homes/typical.toml");
  return options;
}

/// Somebody with a configuration and the service.
struct Desk {
  support::TempDir folder;
  simulator::Simulator service{typical_home()};
  settings::Settings settings = right_settings();
  Ears ears;

  settings::Settings right_settings() {
    settings::Settings right;
    right.partner.email = "partner@example.com";
    right.partner.password = settings::Secret("simulated");
    right.partner.endpoint = service.endpoint();
    right.partner.ca_file = service.ca_file();
    right.state.directory = folder.file("state");
    return right;
  }
  std::vector<runtime::SystemTime> recorded() {
    ledger::SharedCalls calls(folder.file("state/ledger.sqlite"));
    return calls.log().recent();
  }
};

/// A budget on a file of its own connection, as one program has it.
class Spender final : public partner::CallJournal {
 public:
  explicit Spender(const std::string& file) : calls_(file) {}
  bool record(runtime::SystemTime when) override { return calls_.log().record(when); }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime /*now*/) override { return calls_.log().recent(); }
  std::vector<runtime::SystemTime> others() override { return calls_.log().others(); }

 private:
  ledger::SharedCalls calls_;
};

}  // namespace

TEST_CASE("a question is answered, and its calls, the sign-in too, stand in the bridge's record") {
  Desk desk;
  Asking asking(desk.settings, desk.ears);
  CHECK(asking.alone_because().empty());
  const auto answers = asking.ask(partner::ListDevices{});
  REQUIRE(answers.ok());
  REQUIRE(answers.value().size() == 1);
  // As homes/typical.toml has them.
  CHECK(std::get<partner::Inventory>(answers.value().front()).devices.size() == 6);
  CHECK(asking.signed_in());
  CHECK(asking.calls_used() == 2);
  CHECK(desk.recorded().size() == 2);
  // The second one needs no further sign-in.
  REQUIRE(asking.ask(partner::ListDevices{}).ok());
  CHECK(desk.recorded().size() == 3);
}

TEST_CASE("a refused password, a refused request and a service that is away have names of their own") {
  Desk desk;
  SUBCASE("password") {
    desk.settings.partner.password = settings::Secret("wrong one");
    Asking asking(desk.settings, desk.ears);
    const auto answer = asking.ask(partner::ListDevices{});
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().why == Why::sign_in_refused);
    CHECK(answer.error().text.find("partner portal") != std::string::npos);
    CHECK(answer.error().text.find("wrong one") == std::string::npos);
    CHECK(desk.recorded().size() == 1);
  }
  SUBCASE("request") {
    Asking asking(desk.settings, desk.ears);
    const auto answer = asking.ask(partner::ListStates{partner::StateKind::outlets, {model::DeviceId("nobody")}});
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().why == Why::refused);
  }
  SUBCASE("away") {
    desk.settings.partner.endpoint = "localhost:1";  // nothing of ours ever listens there
    Asking asking(desk.settings, desk.ears);
    const auto answer = asking.ask(partner::ListDevices{});
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().why == Why::unreachable);
  }
}

TEST_CASE("calls of the bridge leave so many fewer, and the bridge's reserve is not touched") {
  Desk desk;
  desk.settings.budget = {10, 3};
  REQUIRE(std::filesystem::create_directory(desk.folder.file("state")));
  ledger::Store bridge(desk.folder.file("state/ledger.sqlite"));
  const auto now = runtime::read_clock().system;
  for (int i = 0; i < 3; ++i) REQUIRE(bridge.record_call(now - 30min));
  Asking asking(desk.settings, desk.ears);
  CHECK(asking.calls_allowed() == 7);
  REQUIRE(asking.ask(partner::ListDevices{}).ok());  // with the sign-in the fifth
  // The bridge makes one as well while the command is at work.
  CHECK(bridge.other_calls().size() == 2);
  REQUIRE(bridge.record_call(now));
  REQUIRE(asking.ask(partner::ListDevices{}).ok());
  const auto answer = asking.ask(partner::ListDevices{});
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().why == Why::budget_spent);
  REQUIRE(answer.error().free_at);
  // The bridge's three of half an hour ago go first.
  CHECK(*answer.error().free_at > now + 29min);
  CHECK(*answer.error().free_at < now + 31min);
  CHECK(bridge.other_calls().size() == 1);
  CHECK(desk.service.command("stats").find("GetDevices") != std::string::npos);
}

TEST_CASE("programs that call at the same moment never make more than the limit together") {
  const support::TempDir folder;
  // Only the last call of a round is a close race: many rounds.
  constexpr int kRounds = 60;
  constexpr unsigned kLimit = 4;
  for (int round = 0; round < kRounds; ++round) {
    const std::string file = folder.file(std::to_string(round));
    { const ledger::SharedCalls make(file); }
    std::array<unsigned, 3> spent{};
    std::vector<std::thread> programs;
    for (unsigned& count : spent) {
      programs.emplace_back([&file, &count] {
        Spender journal(file);
        partner::CallBudget budget({kLimit, 0}, journal, runtime::read_clock());
        while (budget.spend(partner::Priority::command, runtime::read_clock())) ++count;
      });
    }
    for (std::thread& program : programs) program.join();
    REQUIRE(spent[0] + spent[1] + spent[2] == kLimit);
  }
}

TEST_CASE("without a state directory that can be used it says so and asks all the same") {
  Desk desk;
  desk.folder.write("state", "a file in the way");
  Asking asking(desk.settings, desk.ears);
  CHECK(asking.alone_because().find(desk.settings.state.directory) != std::string::npos);
  CHECK(asking.ask(partner::ListDevices{}).ok());
  CHECK(asking.calls_used() == 2);
}

TEST_CASE("ctrl-C ends the waiting for an answer and the waiting for a free call") {
  Desk desk;
  REQUIRE(desk.service.command("freeze on").rfind("ok", 0) == 0);
  Asking asking(desk.settings, desk.ears);
  desk.ears.inbox.post(runtime::Signal::stop);
  const auto answer = asking.ask(partner::ListDevices{});
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().why == Why::interrupted);
  desk.ears.inbox.post(runtime::Signal::stop);
  CHECK_FALSE(asking.wait_until(runtime::read_clock().steady + 1h));
  CHECK(asking.wait_until(runtime::read_clock().steady));
}
