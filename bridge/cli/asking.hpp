#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/event.hpp"
#include "app/exit_code.hpp"
#include "partner/client.hpp"
#include "runtime/inbox.hpp"
#include "runtime/signals.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// What a command of the command line hears while it waits: replies, the broker, ctrl-C. Must be made before anything
/// that starts a thread.
class Ears {
 public:
  Ears() : signals_([this](runtime::Signal signal) { inbox.post(signal); }) {}
  runtime::Inbox<app::Event> inbox;

 private:
  runtime::Signals signals_;
};

/// Why a question has no answer.
struct NoAnswer {
  enum class Why {
    /// E-mail or password.
    sign_in_refused,
    /// The request itself; asking again brings the same.
    refused,
    /// Out of reach, broken, busy, or its reply cannot be read.
    unreachable,
    /// The hour's calls are made; `free_at` tells when there is one again.
    budget_spent,
    /// Ctrl-C.
    interrupted
  };
  Why why = Why::unreachable;
  /// For people, with what to do; without secrets.
  std::string text;
  std::optional<runtime::SystemTime> free_at;
};
app::ExitCode exit_code(NoAnswer::Why why);

/// Puts questions to the service and waits for the answers, for commands of the command line. Signs in by itself. Every
/// call counts in the record that the bridge uses too, so that all together keep within calls_per_hour; what the budget
/// keeps for commands is left to the bridge.
class Asking {
 public:
  /// Throws std::runtime_error with a sentence for people when the file of authorities cannot be read.
  Asking(const settings::Settings& settings, Ears& ears);
  ~Asking();
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  /// Called with the time of the next free call while there is none; may be called again with a later one, for the
  /// bridge may be first.
  using OnWait = std::function<void(runtime::SystemTime free_at)>;

  /// Blocks until the service has answered, or will not. The answers to the parts into which the request was cut, in
  /// order; the first failure of a part fails it all. Without `on_wait` it does not wait for a free call.
  runtime::Result<std::vector<partner::Answer>, NoAnswer> ask(partner::Request request, const OnWait& on_wait = {});

  /// Blocks until then; false when ctrl-C came first.
  bool wait_until(runtime::SteadyTime time);

  /// Why calls are counted by this command alone and not with the bridge's; empty when they are counted together.
  const std::string& alone_because() const { return alone_because_; }
  /// Calls of the last hour, by all who share the record, and how many this command may bring them to.
  unsigned calls_used() const;
  unsigned calls_allowed() const;
  /// A sign-in has succeeded.
  bool signed_in() const { return client_->status().ever_signed_in; }

 private:
  NoAnswer why_not(const partner::PartnerError& error) const;
  NoAnswer budget_spent() const;
  /// Waits for events until the client's next deadline, and hands them on. False when ctrl-C came.
  bool turn();

  Ears& ears_;
  std::string alone_because_;
  std::unique_ptr<partner::CallJournal> journal_;
  std::unique_ptr<partner::Gateway> gateway_;
  std::unique_ptr<partner::Client> client_;
};

/// For a person at the terminal: says on standard error until when a free call is waited for. With `no_wait` nothing is
/// waited for.
Asking::OnWait tell_waiting(const Asking& asking, bool no_wait);
/// Says on standard error that the calls are not counted with the bridge's, if so.
void tell_alone(const Asking& asking);

}  // namespace emporia::cli
