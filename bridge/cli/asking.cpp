#include "cli/asking.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include "app/daemon.hpp"
#include "ledger/shared_calls.hpp"
#include "partner/grpc_gateway.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "settings/shard.hpp"

namespace emporia::cli {
namespace {

using Why = NoAnswer::Why;
using partner::PartnerError;

/// The bridge's record of calls.
class SharedJournal final : public partner::CallJournal {
 public:
  explicit SharedJournal(const std::string& file) : calls_(file) {}
  bool record(runtime::SystemTime when) override { return calls_.log().record(when); }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime /*now*/) override { return calls_.log().recent(); }
  std::vector<runtime::SystemTime> others() override { return calls_.log().others(); }

 private:
  ledger::SharedCalls calls_;
};

/// Where there is none.
class NoJournal final : public partner::CallJournal {
 public:
  bool record(runtime::SystemTime /*when*/) override { return true; }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime /*now*/) override { return {}; }
};

partner::ClientOptions client_options(const settings::Settings& settings) {
  partner::ClientOptions options;
  options.email = settings.partner.email;
  options.password = settings.partner.password.reveal();
  // A command's request fails with the service, where a poll's would wait for it to come back; so these are commands,
  // of a budget that ends where the bridge's own reserve begins.
  const settings::Budget budget = settings::own_budget(settings);
  options.budget = {static_cast<unsigned>(budget.calls_per_hour - budget.command_reserve), 0};
  options.seed = static_cast<std::uint64_t>(::getpid());
  return options;
}

}  // namespace

app::ExitCode exit_code(Why why) {
  switch (why) {
    case Why::sign_in_refused:
      return app::ExitCode::sign_in_refused;
    case Why::refused:
      return app::ExitCode::refused;
    case Why::unreachable:
      return app::ExitCode::unavailable;
    case Why::budget_spent:
      return app::ExitCode::try_later;
    case Why::interrupted:
      break;
  }
  return app::ExitCode::interrupted;
}

Asking::Asking(const settings::Settings& settings, Ears& ears) : ears_(ears) {
  try {
    journal_ = std::make_unique<SharedJournal>(app::state_directory(settings) + "/ledger.sqlite");
  } catch (const std::runtime_error& error) {
    alone_because_ = error.what();
    journal_ = std::make_unique<NoJournal>();
  }
  gateway_ = std::make_unique<partner::GrpcGateway>(
      app::gateway_options(settings.partner), [&ears](partner::Reply reply) { ears.inbox.post(std::move(reply)); });
  client_ = std::make_unique<partner::Client>(*gateway_, *journal_, client_options(settings), runtime::read_clock());
}

Asking::~Asking() = default;

unsigned Asking::calls_used() const {
  return client_->budget().used(runtime::read_clock().steady);
}

unsigned Asking::calls_allowed() const {
  return client_->budget().limit();
}

runtime::Result<std::vector<partner::Answer>, NoAnswer> Asking::ask(partner::Request request, const OnWait& on_wait) {
  const partner::RequestId id = client_->submit(std::move(request), partner::Priority::command, runtime::read_clock());
  std::vector<partner::Answer> answers;
  std::optional<runtime::SystemTime> told;
  for (;;) {
    for (partner::Outcome& outcome : client_->take_outcomes()) {
      if (outcome.id != id) continue;
      if (!outcome.result) return runtime::Failure{why_not(outcome.result.error())};
      answers.push_back(std::move(outcome.result).value());
      if (outcome.last) return answers;
    }
    if (client_->postponed() > 0) {
      const NoAnswer spent = budget_spent();
      if (!on_wait) {
        client_->withdraw(id);
        return runtime::Failure{spent};
      }
      // Seconds apart are one and the same wait, told once.
      if (!told || *spent.free_at - *told > std::chrono::seconds{5}) on_wait(*spent.free_at);
      told = spent.free_at;
    }
    if (!turn()) return runtime::Failure{NoAnswer{Why::interrupted, "stopped", {}}};
  }
}

bool Asking::turn() {
  for (app::Event& event : ears_.inbox.take_until(client_->next_deadline())) {
    if (auto* reply = std::get_if<partner::Reply>(&event)) {
      client_->on_reply(std::move(*reply), runtime::read_clock());
    } else if (const auto* signal = std::get_if<runtime::Signal>(&event)) {
      if (*signal == runtime::Signal::stop) return false;
    }
  }
  client_->on_time(runtime::read_clock());
  return true;
}

bool Asking::wait_until(runtime::SteadyTime time) {
  while (runtime::read_clock().steady < time) {
    for (const app::Event& event : ears_.inbox.take_until(time)) {
      const auto* signal = std::get_if<runtime::Signal>(&event);
      if (signal != nullptr && *signal == runtime::Signal::stop) return false;
    }
  }
  return true;
}

NoAnswer Asking::why_not(const PartnerError& error) const {
  const bool refused = error.kind == PartnerError::Kind::refused;
  if (refused && client_->status().state == partner::PartnerState::auth_refused) {
    return {Why::sign_in_refused,
            error.text +
                ": put the e-mail and password of the partner portal into [partner]; the account of the app is "
                "another one",
            {}};
  }
  return {refused ? Why::refused : Why::unreachable, error.text, {}};
}

NoAnswer Asking::budget_spent() const {
  const runtime::Now now = runtime::read_clock();
  const auto free_at = client_->budget().free_at(partner::Priority::command, now.steady);
  const auto at = now.system + std::chrono::ceil<std::chrono::seconds>(free_at - now.steady);
  return {
      Why::budget_spent,
      runtime::concat(calls_used(), " of the ", calls_allowed(),
                      " calls an hour that [budget] leaves to polls and to this command are made; the next is free at ",
                      runtime::iso8601(std::chrono::floor<std::chrono::seconds>(at))),
      at};
}

Asking::OnWait tell_waiting(const Asking& asking, bool no_wait) {
  if (no_wait) return {};
  return [&asking](runtime::SystemTime free_at) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(free_at - runtime::read_clock().system);
    std::cerr << "emporia2mqtt: " << asking.calls_used() << " of " << asking.calls_allowed()
              << " calls of this hour are made; waiting until "
              << runtime::iso8601(std::chrono::floor<std::chrono::seconds>(free_at)) << " ("
              << runtime::for_people(wait) << ") for the next one; ctrl-C ends" << std::endl;
  };
}

void tell_alone(const Asking& asking) {
  if (asking.alone_because().empty()) return;
  std::cerr << "emporia2mqtt: calls are not counted together with the bridge's: "
            << runtime::without_secrets(asking.alone_because()) << "; run this as the user the bridge runs as\n";
}

}  // namespace emporia::cli
