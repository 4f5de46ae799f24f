#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "app/lease.hpp"
#include "mqtt/link.hpp"
#include "partner/budget.hpp"
#include "partner/gateway.hpp"

namespace emporia::app {

/// The right to act of one term: of the time from taking over until the lease is lost, which never comes back. It reads
/// the clock at each question, because a program may be suspended between any two lines. Belongs to the loop's thread.
class Term {
 public:
  using Read = std::function<LeaseTime()>;
  /// The lease is held as of now; it outlives this.
  Term(Lease& lease, Read read) : lease_(lease), read_(std::move(read)), epoch_(lease.epoch()) {}

  bool lasts() const { return lease_.holds(epoch_, read_().up); }
  LeaseTime time() const { return read_(); }
  Lease& lease() { return lease_; }

 private:
  Lease& lease_;
  Read read_;
  std::uint64_t epoch_;
};

// What the bridge of a term is given for its way to the world; all belong to the loop's thread.

/// Tells the account's calls to who takes over, and knows those of who was before.
class FencedJournal final : public partner::CallJournal {
 public:
  FencedJournal(Term& term, partner::CallJournal& journal) : term_(term), journal_(journal) {}

  bool record(runtime::SystemTime when) override;
  std::vector<runtime::SystemTime> recent(runtime::SystemTime now) override;
  std::vector<runtime::SystemTime> others() override;
  std::string trouble() const override { return journal_.trouble(); }
  void clock_was_set(runtime::SystemTime::duration by) override { journal_.clock_was_set(by); }

 private:
  Term& term_;
  partner::CallJournal& journal_;
};

/// Lets a call out when the broker has it in writing, and the term lasts.
class FencedGateway final : public partner::Gateway {
 public:
  FencedGateway(Term& term, partner::Gateway& gateway) : term_(term), gateway_(gateway) {}

  void send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) override;
  /// To be called every turn.
  void on_time();

 private:
  struct Waiting {
    std::uint64_t number = 0;
    partner::AttemptId attempt = 0;
    std::string token;
    partner::Request request;
  };
  Term& term_;
  partner::Gateway& gateway_;
  std::deque<Waiting> waiting_;
};

/// Sends nothing after the term. What it is given then has no outcome: the bridge of the term is about to go.
class FencedLink final : public mqtt::Link {
 public:
  FencedLink(Term& term, mqtt::Link& link) : term_(term), link_(link) {}

  void connect() override {
    if (term_.lasts()) link_.connect();
  }
  void disconnect() override { link_.disconnect(); }
  void subscribe(const std::vector<mqtt::Subscription>& subscriptions) override { link_.subscribe(subscriptions); }
  void unsubscribe(const std::vector<std::string>& filters) override { link_.unsubscribe(filters); }
  void send(mqtt::Ticket ticket, const mqtt::Message& message) override {
    if (term_.lasts()) link_.send(ticket, message);
  }

 private:
  Term& term_;
  mqtt::Link& link_;
};

}  // namespace emporia::app
