#pragma once

#include <string>
#include <vector>

#include "app/collector.hpp"
#include "app/reporter.hpp"
#include "app/responder.hpp"
#include "app/usage_requests.hpp"
#include "json/value.hpp"
#include "mqtt/session.hpp"
#include "mqtt/topic_tree.hpp"
#include "runtime/log.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// What is asked of the bridge itself: <base>/bridge/request/<verb>. Each request has one response, `usage` as many as
/// it has portions; at its MQTT 5 response topic with its correlation data, else at <base>/bridge/response/<verb>.
/// Belongs to the loop's thread.
class Requests {
 public:
  /// In a second, all together; more are refused, because an answer may be thousands of times the size of its request.
  static constexpr unsigned kMostPerSecond = 20;

  /// All outlive it.
  Requests(mqtt::Session& session, Collector& collector, const Reporter& reporter, const model::Home& home,
           const settings::Settings& settings);

  /// True when the message was on a request topic.
  bool on_received(const mqtt::Received& received, runtime::Now now);
  /// What became of a call made by Collector::inquire().
  void on_outcome(const partner::Outcome& outcome, runtime::Now now) { usage_.on_outcome(outcome, now); }
  void on_time(runtime::Now now) { usage_.on_time(now); }
  /// Each request that waits has its response.
  void stop() { usage_.stop(); }
  runtime::SteadyTime next_deadline() const { return usage_.next_deadline(); }

 private:
  struct Verb;
  static const std::vector<Verb>& verbs();

  void carry_out(const std::string& verb, const mqtt::Received& received, runtime::Now now);
  bool too_many(runtime::Now now);
  Address address_of(const std::string& verb, const mqtt::Message& request);
  void refresh(const json::Object& arguments, const Address& address, runtime::Now now);
  void devices(const json::Object& arguments, const Address& address, runtime::Now now);
  void health(const json::Object& arguments, const Address& address, runtime::Now now);
  void usage(const json::Object& arguments, const Address& address, runtime::Now now);

  Collector& collector_;
  const Reporter& reporter_;
  mqtt::TopicTree topics_;
  Responder responder_;
  UsageRequests usage_;
  runtime::SteadyTime second_began_;
  unsigned in_this_second_ = 0;
  /// Retained requests and response topics that are not granted: a line each, but not each time.
  runtime::Episode strange_;
};

}  // namespace emporia::app
