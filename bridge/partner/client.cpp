#include "partner/client.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "partner/portion.hpp"
#include "runtime/text.hpp"

namespace emporia::partner {
namespace {

using namespace std::chrono_literals;
using Kind = PartnerError::Kind;

constexpr const char* kRoom = "partner";
// Tokens age out after an hour; ten minutes cover a slow clock and a call that takes its time.
constexpr auto kTokenFor = 50min;
// What one reply may be estimated at. Bounds memory, and is far below the gateway's limit.
constexpr std::size_t kLargestPortionBytes = std::size_t{8} * 1024 * 1024;

std::size_t device_count(const Request& request) {
  if (const auto* usage = std::get_if<FetchUsage>(&request)) return usage->devices.size();
  if (const auto* states = std::get_if<ListStates>(&request)) return states->devices.size();
  return 1;
}

}  // namespace

const char* word(PartnerState state) {
  switch (state) {
    case PartnerState::signing_in:
      return "signing_in";
    case PartnerState::ok:
      return "ok";
    case PartnerState::auth_refused:
      return "auth_refused";
    case PartnerState::unreachable:
      return "unreachable";
    case PartnerState::throttled:
      break;
  }
  return "throttled";
}

Client::Client(Gateway& gateway, CallJournal& journal, ClientOptions options, runtime::Now now)
    : gateway_(gateway),
      options_(std::move(options)),
      budget_(options_.budget, journal, now),
      unreachable_pause_(5s, 5min, options_.seed),
      quota_pause_(5min, 30min, options_.seed + 1),
      // A password does not become right by asking often, and an account may be locked for it.
      refused_pause_(15min, 6h, options_.seed + 2) {
  status_.since = now.system;
}

std::deque<Client::Item>& Client::queue_of(Priority priority) {
  return priority == Priority::command ? commands_ : polls_;
}

RequestId Client::submit(Request request, Priority priority, runtime::Now now) {
  const RequestId id = ++last_request_;
  auto& queue = queue_of(priority);
  unsigned parts = 0;
  if (const auto* usage = std::get_if<FetchUsage>(&request)) {
    for (FetchUsage& part : portions(*usage, kLargestPortionBytes)) {
      queue.push_back({id, std::move(part), priority, false});
      ++parts;
    }
  } else {
    queue.push_back({id, std::move(request), priority, false});
    parts = 1;
  }
  progress_[id].parts_left = parts;
  pump(now);
  return id;
}

bool Client::withdraw(RequestId id) {
  const auto progress = progress_.find(id);
  if (progress == progress_.end() || progress->second.under_way > 0 || progress->second.begun) return false;
  for (auto* queue : {&commands_, &polls_}) {
    const auto same = [id](const Item& item) { return item.id == id; };
    queue->erase(std::remove_if(queue->begin(), queue->end(), same), queue->end());
  }
  progress_.erase(progress);
  return true;
}

void Client::reconfigure(ClientOptions options, runtime::Now now) {
  const bool other_account = options.email != options_.email || options.password != options_.password;
  options_ = std::move(options);
  budget_.limit_to(options_.budget);
  if (other_account) {
    token_.clear();
    // Its answer would be about the password of before.
    signing_in_.reset();
  }
  sign_in_not_before_ = {};
  sign_in_refused_.reset();
  refused_pause_.reset();
  pump(now);
}

std::vector<Outcome> Client::take_outcomes() {
  return std::exchange(outcomes_, {});
}

void Client::on_time(runtime::Now now) {
  budget_.on_time(now);
  if (now.steady >= deadline_) pump(now);
}

void Client::wait_until(runtime::SteadyTime deadline) {
  deadline_ = std::min(deadline_, deadline);
}

void Client::pump(runtime::Now now) {
  deadline_ = runtime::kNever;
  postponed_ = 0;
  if (sign_in_refused_ && !signing_in_ && now.steady < sign_in_not_before_) fail_commands(*sign_in_refused_);
  while (try_send(commands_, now)) {
  }
  // One poll at a time: a fleet's replies are then in memory one portion at a time.
  while (polls_under_way_ == 0 && !polls_.empty()) {
    if (now.steady < polls_not_before_) return wait_until(polls_not_before_);
    if (!try_send(polls_, now)) return;
  }
}

bool Client::try_send(std::deque<Item>& queue, runtime::Now now) {
  if (queue.empty()) return false;
  const Priority priority = queue.front().priority;
  if (!have_token(priority, now)) return false;
  if (!budget_.spend(priority, now)) {
    postponed_ += static_cast<unsigned>(queue.size());
    wait_until(budget_.free_at(priority, now.steady));
    return false;
  }
  Attempt attempt{std::move(queue.front()), token_};
  queue.pop_front();
  if (priority == Priority::poll) ++polls_under_way_;
  const AttemptId id = ++last_attempt_;
  ++progress_[attempt.item.id].under_way;
  const auto sent = under_way_.emplace(id, std::move(attempt)).first;
  gateway_.send(id, token_, sent->second.item.request);
  return true;
}

bool Client::have_token(Priority priority, runtime::Now now) {
  if (!token_.empty() && now.steady - token_since_ < kTokenFor) return true;
  if (signing_in_) return false;
  if (now.steady < sign_in_not_before_) {
    wait_until(sign_in_not_before_);
    return false;
  }
  if (!budget_.spend(priority, now)) {
    postponed_ += static_cast<unsigned>(queue_of(priority).size());
    wait_until(budget_.free_at(priority, now.steady));
    return false;
  }
  signing_in_ = ++last_attempt_;
  gateway_.send(*signing_in_, {}, SignIn{options_.email, options_.password});
  return false;
}

void Client::on_reply(Reply reply, runtime::Now now) {
  if (signing_in_ == reply.attempt) {
    on_sign_in(reply, now);
    return pump(now);
  }
  const auto found = under_way_.find(reply.attempt);
  if (found == under_way_.end()) return;
  Attempt attempt = std::move(found->second);
  under_way_.erase(found);
  if (attempt.item.priority == Priority::poll) --polls_under_way_;
  Progress& progress = progress_[attempt.item.id];
  --progress.under_way;
  note(reply.oddities);
  if (reply.result) {
    polls_not_before_ = {};
    unreachable_pause_.reset();
    quota_pause_.reset();
    enter(PartnerState::ok, now);
    status_.last_success = now.system;
    trusted();
    trouble_.ended(kRoom, "the service answers again");
    progress.answered = true;
    finish(std::move(attempt.item), std::move(reply.result));
  } else {
    on_failure(std::move(attempt), reply.result.error(), now);
  }
  pump(now);
}

void Client::on_sign_in(const Reply& reply, runtime::Now now) {
  signing_in_.reset();
  const Token* token = reply.result ? std::get_if<Token>(&reply.result.value()) : nullptr;
  if (token != nullptr && !token->text.empty()) {
    token_ = token->text;
    token_since_ = now.steady;
    sign_in_not_before_ = {};
    sign_in_refused_.reset();
    refused_pause_.reset();
    status_.ever_signed_in = true;
    status_.last_success = now.system;
    trusted();
    enter(PartnerState::ok, now);
    return;
  }
  const PartnerError error =
      reply.result ? PartnerError{Kind::malformed, "the service answered the sign-in without a token", false}
                   : reply.result.error();
  note_failure(error, "sign-in", now);
  if (error.kind == Kind::refused) {
    enter(PartnerState::auth_refused, now);
    sign_in_refused_ = error;
    sign_in_not_before_ = now.steady + refused_pause_.next();
  }
  fail_commands(error);
}

void Client::on_failure(Attempt attempt, const PartnerError& error, runtime::Now now) {
  Item& item = attempt.item;
  switch (error.kind) {
    case Kind::sign_in_again:
      if (attempt.token == token_) token_.clear();
      if (!item.renewed) {
        item.renewed = true;
        put_back(std::move(item));
        return;
      }
      // A fresh token refused as well is the service's trouble; asking on would spend the budget on sign-ins.
      break;
    case Kind::too_large:
      if (split(item, halves(item.request))) return;
      break;
    case Kind::refused:
      if (item.priority == Priority::poll && worth_halving(item) && split(item, halves_by_device(item.request))) return;
      return finish(std::move(item), runtime::Failure{error});
    case Kind::try_later:
    case Kind::malformed:
      break;
  }
  note_failure(error, method_name(item.request), now);
  finish(std::move(item), runtime::Failure{error});
}

bool Client::split(const Item& item, std::vector<Request> parts) {
  if (parts.empty()) return false;
  auto& queue = queue_of(item.priority);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    queue.push_front({item.id, std::move(*part), item.priority, item.renewed});
  }
  progress_[item.id].parts_left += static_cast<unsigned>(parts.size()) - 1;
  return true;
}

/// One wrong device is found after as many refusals as its list can be halved; when not one part was answered by then,
/// the service refuses the call itself, and halving on would spend the budget on hearing it again.
bool Client::worth_halving(const Item& item) {
  Progress& progress = progress_[item.id];
  ++progress.refused;
  const auto allowed = static_cast<unsigned>(std::bit_width(device_count(item.request))) + 1;
  progress.refusals_allowed = std::max(progress.refusals_allowed, allowed);
  return progress.answered || progress.refused < progress.refusals_allowed;
}

/// Where it stood before it went out: commands for one setting must arrive in the order in which they were given.
void Client::put_back(Item item) {
  auto& queue = queue_of(item.priority);
  const auto older = [&](const Item& other) { return other.id < item.id; };
  queue.insert(std::find_if_not(queue.begin(), queue.end(), older), std::move(item));
}

void Client::fail_commands(const PartnerError& error) {
  for (Item& item : std::exchange(commands_, {})) finish(std::move(item), runtime::Failure{error});
}

void Client::note_failure(const PartnerError& error, const char* what, runtime::Now now) {
  if (error.untrusted) {
    status_.untrusted = true;
  } else {
    trusted();
  }
  const std::string& why = distrust_.empty() ? error.text : distrust_;
  status_.last_error = runtime::concat(what, ": ", why);
  trouble_.failed(kRoom, status_.last_error, why);
  if (error.kind == Kind::refused) return;
  enter(error.quota ? PartnerState::throttled : PartnerState::unreachable, now);
  const auto pause = error.quota ? quota_pause_.next() : unreachable_pause_.next();
  polls_not_before_ = std::max(polls_not_before_, now.steady + pause);
}

void Client::explain_distrust(const std::string& why) {
  if (!status_.untrusted) return;
  distrust_ = why;
  status_.last_error = why;
  trouble_.explained(kRoom, why);
}

void Client::trusted() {
  status_.untrusted = false;
  distrust_.clear();
}

void Client::enter(PartnerState state, runtime::Now now) {
  if (status_.state == state) return;
  status_.state = state;
  status_.since = now.system;
}

void Client::finish(Item item, runtime::Result<Answer, PartnerError> result) {
  const auto progress = progress_.find(item.id);
  const bool last = progress == progress_.end() || --progress->second.parts_left == 0;
  if (progress != progress_.end()) progress->second.begun = true;
  if (last && progress != progress_.end()) progress_.erase(progress);
  outcomes_.push_back({item.id, std::move(item.request), std::move(result), last});
}

void Client::note(const Oddities& oddities) {
  for (std::size_t i = 0; i < kOddityCount; ++i) {
    const auto oddity = static_cast<Oddity>(i);
    const auto count = oddities.count(oddity);
    if (count == 0) continue;
    oddity_count_ += count;
    if (oddities_seen_.count(oddity) == 0) {
      runtime::log_warning(kRoom,
                           runtime::concat("the service sent ", word(oddity), " (", oddities.example(oddity),
                                           "); the rest is kept, and the like is counted without a further line"));
    }
    oddities_seen_.note(oddity, oddities.example(oddity));
  }
}

}  // namespace emporia::partner
