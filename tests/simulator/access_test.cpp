// Sign-in, tokens, the quota, and faults told over the control port.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <set>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "simulator/caller.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"

using namespace simulator_stories;
using emporia::support::eventually;

namespace {

constexpr const char* kVue = "F2310A04B4240AC4A1B2C3";
constexpr const char* kNow = "2026-11-20T12:00:00Z";

void tell(simulator::Simulator& simulator, const std::string& command) {
  const std::string answer = simulator.command(command);
  REQUIRE_MESSAGE(answer.rfind("ok", 0) == 0, answer);
}

/// Sends one line to the control port and reads one line back.
std::string ask(std::uint16_t port, const std::string& line) {
  const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  std::string answer;
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string text = line + "\n";
    if (send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
      char c = 0;
      while (recv(socket_, &c, 1, 0) == 1 && c != '\n') answer += c;
    }
  }
  close(socket_);
  return answer;
}

}  // namespace

TEST_CASE("only the right password signs in, and only a token gets further") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  CHECK(caller.token.size() > 850);
  CHECK(caller.devices().ok());
  CHECK(caller.sign_in("partner@example.com", "wrong").status == "UNAUTHENTICATED");
  CHECK(caller.sign_in("other@example.com", "simulated").status == "UNAUTHENTICATED");
  CHECK(caller.sign_in("", "").status == "INVALID_ARGUMENT");
  tell(simulator, "behaviour wrong_password permission_denied");
  CHECK(caller.sign_in("partner@example.com", "wrong").status == "PERMISSION_DENIED");
  tell(simulator, "password another");
  CHECK_FALSE(caller.sign_in("partner@example.com", "simulated").ok());
  CHECK(caller.sign_in("partner@example.com", "another").ok());
  CHECK(caller.devices().ok());
  caller.token.back() = caller.token.back() == 'A' ? 'B' : 'A';
  CHECK(caller.devices().status == "UNAUTHENTICATED");
  caller.token.clear();
  CHECK(caller.devices().status == "UNAUTHENTICATED");
}

TEST_CASE("a token lasts as long as told, by virtual time") {
  auto options = still("typical", kNow);
  options.token_lifetime = 3600;
  simulator::Simulator simulator(options);
  Caller caller(simulator);
  tell(simulator, "advance 3599");
  CHECK(caller.devices().ok());
  tell(simulator, "advance 1");
  CHECK(caller.devices().status == "UNAUTHENTICATED");
  caller.token = caller.sign_in("partner@example.com", "simulated").reply.auth_token();
  CHECK(caller.devices().ok());
  tell(simulator, "expire-tokens");
  CHECK(caller.devices().status == "UNAUTHENTICATED");
}

TEST_CASE("a hundred calls in a rolling hour and not one more") {
  auto options = still("typical", kNow);
  options.quota = 100;
  simulator::Simulator simulator(options);
  Caller caller(simulator);  // the first call
  for (int i = 0; i < 49; ++i) REQUIRE(caller.outlets().ok());
  tell(simulator, "advance 1800");
  for (int i = 0; i < 50; ++i) REQUIRE(caller.outlets().ok());
  const auto refused = caller.outlets();
  CHECK(refused.status == "RESOURCE_EXHAUSTED");
  CHECK(refused.text.find("quota") != std::string::npos);
  // The first half leaves the window, the second half stays, the refused call never counted.
  tell(simulator, "advance 1800");
  caller.token = caller.sign_in("partner@example.com", "simulated").reply.auth_token();
  for (int i = 0; i < 49; ++i) REQUIRE(caller.outlets().ok());
  CHECK(caller.outlets().status == "RESOURCE_EXHAUSTED");
  tell(simulator, "quota 0");
  CHECK(caller.outlets().ok());
  // 51 half an hour ago, and since then a sign-in, 49 calls, a refused one and this one.
  CHECK(simulator.command("stats").find("\"busiest_hour\":103") != std::string::npos);
  CHECK(simulator.command("tokens").find("\"" + caller.token + "\"") != std::string::npos);
}

TEST_CASE("calls fail, for one rpc or all, as often as told") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  tell(simulator, "fail ListOutlets UNAVAILABLE 2 the service is being moved");
  CHECK(caller.devices().ok());
  CHECK(caller.outlets().text == "the service is being moved");
  CHECK(caller.outlets().status == "UNAVAILABLE");
  CHECK(caller.outlets().ok());
  tell(simulator, "fail * INTERNAL 1");
  CHECK(caller.devices().status == "INTERNAL");
  CHECK(caller.devices().ok());
  const std::string stats = simulator.command("stats");
  CHECK(stats.find(R"("ListOutlets":{"OK":1,"UNAVAILABLE":2,"total":3})") != std::string::npos);
  CHECK(stats.find("simulated\"") == std::string::npos);  // no password
  CHECK(stats.find(caller.token) == std::string::npos);
}

TEST_CASE("a frozen service takes calls and answers none until it thaws or stops") {
  auto simulator = std::make_unique<simulator::Simulator>(still("typical", kNow));
  Caller caller(*simulator);
  tell(*simulator, "freeze on");
  caller.deadline_ms = 200;
  CHECK(caller.devices().status == "DEADLINE_EXCEEDED");
  caller.deadline_ms = 20'000;
  Answer<api::DeviceInventoryResponse> late;
  std::thread waiting([&] { late = caller.devices(); });
  REQUIRE(eventually([&] { return simulator->command("stats").find("\"used\":3") != std::string::npos; }));
  tell(*simulator, "freeze off");
  waiting.join();
  CHECK(late.ok());
  tell(*simulator, "freeze on");
  std::thread lost([&] { late = caller.devices(); });
  REQUIRE(eventually([&] { return simulator->command("stats").find("\"used\":4") != std::string::npos; }));
  simulator.reset();
  lost.join();
}

TEST_CASE("a lost reply belongs to a command that was carried out") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  api::UpdateOutletsRequest off;
  off.add_outlets()->set_manufacturer_device_id("B2136B0204240AC4E1F2A3");
  tell(simulator, "lose UpdateOutlets UNAVAILABLE 1");
  CHECK(caller.update(off).status == "UNAVAILABLE");
  CHECK_FALSE(caller.outlets().reply.outlets(0).on());
  CHECK(caller.update(off).reply.outlets_size() == 0);
}

TEST_CASE("a delayed answer comes after its time") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  tell(simulator, "delay GetDevices 100");
  const auto before = std::chrono::steady_clock::now();
  CHECK(caller.devices().ok());
  CHECK(std::chrono::steady_clock::now() - before >= std::chrono::milliseconds(100));
  caller.deadline_ms = 50;
  CHECK(caller.devices().status == "DEADLINE_EXCEEDED");
}

TEST_CASE("a large reply exceeds what a client takes by itself") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller careless(simulator, "partner@example.com", "simulated", false);
  Caller careful(simulator);
  tell(simulator, "large on");
  const auto refused = careless.devices();
  CHECK(refused.status == "RESOURCE_EXHAUSTED");
  CHECK(refused.text.find("larger than max") != std::string::npos);
  CHECK(careful.devices().reply.devices_size() == 6);
}

TEST_CASE("every kind of garbage spoils one reply and is gone") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto from = at("2026-11-17T00:00:00Z");
  const auto usage = [&] {
    return caller.usage(kVue, from, from + 3599, api::FifteenMinutes).reply.SerializeAsString();
  };
  const auto devices = [&] { return caller.devices().reply.SerializeAsString(); };
  const std::string clean_usage = usage();
  const std::string clean_devices = devices();
  const std::string refused = simulator.command("garbage what 1");
  REQUIRE(refused.rfind("error no kind 'what'; there are off, ", 0) == 0);
  std::string kinds = refused.substr(refused.find("off, ") + 5) + ", ";
  int tried = 0;
  for (auto comma = kinds.find(", "); comma != std::string::npos; comma = kinds.find(", ")) {
    const std::string kind = kinds.substr(0, comma);
    kinds.erase(0, comma + 2);
    CAPTURE(kind);
    ++tried;
    const bool inventory = kind == "unknown-enums" || kind == "long-names";
    tell(simulator, "garbage " + kind + " 1");
    CHECK((inventory ? devices() : usage()) != (inventory ? clean_devices : clean_usage));
    CHECK((inventory ? devices() : usage()) == (inventory ? clean_devices : clean_usage));
  }
  CHECK(tried >= 20);
}

TEST_CASE("devices and circuits come, go and change their names") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  tell(simulator, "rename-device " + std::string(kVue) + " Summer house ");
  tell(simulator, "rename-circuit " + std::string(kVue) + " 4 Sun / roof");
  tell(simulator, "remove-circuit " + std::string(kVue) + " 19");
  const auto vue = caller.devices().reply.devices(0);
  CHECK(vue.device_name() == "Summer house ");
  CHECK(vue.circuit_infos(3).name() == "Sun / roof");
  CHECK(vue.circuit_infos_size() == 18);
  tell(simulator, "add-circuit " + std::string(kVue) + " 19 always_on Sauna");
  CHECK(caller.devices().reply.devices(0).circuit_infos(18).name() == "Sauna");
  tell(simulator, "remove-device " + std::string(kVue));
  CHECK(caller.devices().reply.devices_size() == 5);
  const auto from = at("2026-11-17T00:00:00Z");
  CHECK(caller.usage(kVue, from, from, api::Hours).reply.device_usages_size() == 0);
  tell(simulator, "restore-device " + std::string(kVue));
  CHECK(caller.devices().reply.devices_size() == 6);
}

TEST_CASE("the control port answers each line by one line") {
  const simulator::Simulator simulator(still("typical", kNow));
  const auto port = simulator.control_port();
  CHECK(ask(port, "now") == "ok 2026-11-20T12:00:00Z");
  CHECK(ask(port, "advance 60") == "ok 2026-11-20T12:01:00Z");
  CHECK(ask(port, "") == "error a command is missing");
  CHECK(ask(port, "nonsense") == "error no command 'nonsense'; try help");
  CHECK(ask(port, "fail Nothing UNAVAILABLE 1").rfind("error no rpc 'Nothing'; there are *, Authenticate", 0) == 0);
  CHECK(ask(port, "fail * SAD 1") == "error no status 'SAD'; for example UNAVAILABLE, RESOURCE_EXHAUSTED");
  CHECK(ask(port, "quota many") == "error a quota is a number from 0 to 1000000");
  CHECK(ask(port, "plug B2136B0204240AC4E1F2A3 on") == "error 'B2136B0204240AC4E1F2A3' is not a charger");
  CHECK(ask(port, "connect nobody off") == "error no device 'nobody'");
  CHECK(ask(port, "help").find("advance SECONDS") != std::string::npos);
}

TEST_CASE("the program says where it listens, guards its key, and stops on a signal") {
  const emporia::support::TempDir directory;
  emporia::support::ChildProcess program({BUILD_DIR "/tests/simulator/partner-simulator", "--home",
                                          home_file("typical"), "--certificate-dir", directory.path().string()});
  REQUIRE(program.wait_for_line("listening port="));
  CHECK(program.standard_output().find(" ca=" + directory.path().string() + "/ca.pem\n") != std::string::npos);
  struct stat key {};
  REQUIRE(stat((directory.path() / "server-key.pem").c_str(), &key) == 0);
  CHECK((key.st_mode & 0777) == 0600);
  program.signal(SIGTERM);
  CHECK(program.wait_for_exit(std::chrono::seconds(1)) == 0);

  emporia::support::ChildProcess wrong({BUILD_DIR "/tests/simulator/partner-simulator", "--homes", "x"});
  CHECK(wrong.wait_for_exit() == 2);
  CHECK(wrong.standard_error().find("unknown option --homes") != std::string::npos);
}
