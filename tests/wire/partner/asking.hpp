#pragma once

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>

#include "partner/grpc_gateway.hpp"
#include "runtime/inbox.hpp"
#include "simulator/simulator.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"

// The real gateway asks a simulated service over a real connection.
namespace emporia::partner {

inline constexpr const char* kMonitor = "F2310A04B4240AC4A1B2C3";
inline constexpr const char* kMeter = "Z2118A11D2240AC4B7C8D9";
inline constexpr const char* kOutlet = "B2136B0204240AC4E1F2A3";
inline constexpr const char* kOtherOutlet = "B2136B0204240AC4E1F2B4";
inline constexpr const char* kCharger = "D2245A7C2E30AEA4D5E6F7";
inline constexpr const char* kBattery = "S2301W0510240AC4C5D6E7";

/// A typical home whose time stands still at 2026-11-23T12:00:00Z, with room for any number of calls.
inline simulator::Options typical() {
  simulator::Options options;
  options.home = simulator::load_home(std::string(SOURCE_DIR) + "/tests/simulator/homes/typical.toml");
  options.quota = 0;
  options.start_time = simulator::Seconds{1795392000 + 12 * 3600};
  options.time_scale = 0;
  return options;
}
inline const model::UtcSeconds kNoon{std::chrono::seconds{1795392000 + 12 * 3600}};

inline GatewayOptions reaching(const simulator::Simulator& service) {
  GatewayOptions options;
  options.endpoint = service.endpoint();
  if (service.ca_file().empty()) {
    options.plaintext = true;
  } else {
    options.ca_pem = support::read_file(service.ca_file());
  }
  return options;
}

inline std::vector<model::DeviceId> ids(const std::vector<std::string>& names) {
  std::vector<model::DeviceId> result;
  for (const std::string& name : names) result.emplace_back(name);
  return result;
}

/// A gateway and the replies that came back from it.
class Asking {
 public:
  explicit Asking(const GatewayOptions& options)
      : gateway_(std::make_unique<GrpcGateway>(options, [this](Reply reply) { inbox_.post(std::move(reply)); })) {}

  AttemptId send(const Request& request) {
    gateway_->send(++last_, std::holds_alternative<SignIn>(request) ? "" : token_, request);
    return last_;
  }
  /// The next reply, whichever it is; the test fails when none comes.
  Reply next() {
    while (arrived_.empty()) {
      auto replies = inbox_.take_until(runtime::read_clock().steady + support::kPatience);
      REQUIRE_MESSAGE(!replies.empty(), "no reply came");
      for (Reply& reply : replies) arrived_.push_back(std::move(reply));
    }
    Reply reply = std::move(arrived_.front());
    arrived_.erase(arrived_.begin());
    return reply;
  }
  Reply ask(const Request& request) {
    const AttemptId attempt = send(request);
    Reply reply = next();
    CHECK(reply.attempt == attempt);
    return reply;
  }
  void sign_in() {
    const Reply reply = ask(SignIn{"partner@example.com", "simulated"});
    REQUIRE_MESSAGE(reply.result.ok(), reply.result.error().text);
    token_ = std::get<Token>(reply.result.value()).text;
    REQUIRE_FALSE(token_.empty());
  }
  template <typename Kind>
  Kind answer(const Request& request) {
    Reply reply = ask(request);
    REQUIRE_MESSAGE(reply.result.ok(), reply.result.error().text);
    return std::get<Kind>(reply.result.value());
  }
  PartnerError error(const Request& request) {
    const Reply reply = ask(request);
    REQUIRE_FALSE_MESSAGE(reply.result.ok(), "an answer where none was expected");
    return reply.result.error();
  }
  /// Ends the gateway; what it posts afterwards shows in posted().
  void hang_up() { gateway_.reset(); }
  std::size_t posted() { return arrived_.size() + inbox_.take_until(runtime::SteadyTime::min()).size(); }
  void use_token(std::string token) { token_ = std::move(token); }

 private:
  runtime::Inbox<Reply> inbox_;
  std::vector<Reply> arrived_;
  std::string token_;
  AttemptId last_ = 0;
  std::unique_ptr<GrpcGateway> gateway_;
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace emporia::partner
