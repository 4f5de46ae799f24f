#include "benchmarks/fleet_gateway.hpp"

#include <google/protobuf/arena.h>
#include <stdexcept>
#include <utility>

#include "partner/translate.hpp"
#include "simulator/answers.hpp"

namespace emporia::benchmarks {
namespace {

namespace wire = partner::wire;

/// The token is not part of what is asked.
std::string bytes_of(const partner::Request& request) {
  if (const auto* usage = std::get_if<partner::FetchUsage>(&request)) return to_wire(*usage, "t").SerializeAsString();
  if (const auto* list = std::get_if<partner::ListDevices>(&request)) return to_wire(*list, "t").SerializeAsString();
  if (const auto* states = std::get_if<partner::ListStates>(&request)) return to_wire(*states, "t").SerializeAsString();
  throw std::runtime_error("a fleet of monitors is not asked this");
}

template <typename Request, typename Reply, typename Answer>
std::string answered(simulator::World& world, const std::string& bytes, Answer answer) {
  Request request;
  request.ParseFromString(bytes);
  Reply reply;
  const std::lock_guard lock(world.mutex);
  world.advance();
  if (const auto outcome = answer(world, request, reply); !outcome.ok()) throw std::runtime_error(outcome.text);
  return reply.SerializeAsString();
}

template <typename Message, typename Translate>
partner::Answer decoded(const std::string& bytes, Translate translate) {
  google::protobuf::Arena arena;
  auto* const message = google::protobuf::Arena::CreateMessage<Message>(&arena);
  if (!message->ParseFromString(bytes)) throw std::runtime_error("a recorded reply cannot be read");
  return translate(*message);
}

}  // namespace

FleetGateway::FleetGateway(simulator::World& world, partner::ReplySink sink)
    : world_(&world), sink_(std::move(sink)), thread_([this] { work(); }) {}

FleetGateway::FleetGateway(std::vector<std::string> calls, partner::ReplySink sink) : sink_(std::move(sink)) {
  for (std::size_t i = 0; i + 1 < calls.size(); i += 2) known_.emplace(std::move(calls[i]), std::move(calls[i + 1]));
  thread_ = std::thread([this] { work(); });
}

FleetGateway::~FleetGateway() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FleetGateway::send(partner::AttemptId attempt, const std::string&, const partner::Request& request) {
  ++sent_;
  if (std::holds_alternative<partner::SignIn>(request))
    return sink_(partner::Reply{attempt, partner::Answer(partner::Token{"t"}), {}});
  if (const auto* update = std::get_if<partner::UpdateOutlets>(&request)) {
    ++updates_sent_;
    on_update_(*update);
    partner::States states;
    for (const auto& outlet : update->updates) states.states.emplace_back(model::OutletState{outlet.device, outlet.on});
    return sink_(partner::Reply{attempt, partner::Answer(std::move(states)), {}});
  }
  const auto* usage = std::get_if<partner::FetchUsage>(&request);
  if (usage != nullptr && usage->end - usage->start < std::chrono::hours{1}) {
    ++polls_sent_;
    on_poll_();
  }
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back({attempt, request, bytes_of(request)});
  }
  changed_.notify_all();
}

void FleetGateway::work() {
  for (;;) {
    Asked asked;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !asked_.empty(); });
      if (closing_) return;
      asked = std::move(asked_.front());
      asked_.pop_front();
    }
    if (world_ == nullptr) {
      const auto known = known_.find(asked.bytes);
      if (known == known_.end()) {
        partner::PartnerError error{partner::PartnerError::Kind::refused, "not recorded", false};
        sink_(partner::Reply{asked.attempt, runtime::Failure{std::move(error)}, {}});
      } else {
        sink_(read(asked, known->second));
      }
      continue;
    }
    std::string bytes = answer(asked);
    partner::Reply reply = read(asked, bytes);
    if (std::holds_alternative<partner::FetchUsage>(asked.request)) usage_calls_.push_back(calls_.size() / 2);
    calls_.push_back(std::move(asked.bytes));
    calls_.push_back(std::move(bytes));
    sink_(std::move(reply));
  }
}

std::string FleetGateway::answer(const Asked& asked) {
  if (std::holds_alternative<partner::FetchUsage>(asked.request)) {
    return answered<wire::DeviceUsageRequest, wire::DeviceUsageResponse>(*world_, asked.bytes, simulator::get_usage);
  }
  if (std::holds_alternative<partner::ListStates>(asked.request)) {
    return answered<wire::ListDevicesRequest, wire::OutletsResponse>(*world_, asked.bytes, simulator::list_outlets);
  }
  return answered<wire::DeviceInventoryRequest, wire::DeviceInventoryResponse>(*world_, asked.bytes,
                                                                               simulator::get_devices);
}

partner::Reply FleetGateway::read(const Asked& asked, const std::string& bytes) const {
  partner::Oddities oddities;
  if (const auto* usage = std::get_if<partner::FetchUsage>(&asked.request)) {
    partner::Answer answer = decoded<wire::DeviceUsageResponse>(
        bytes, [&](const auto& message) { return partner::from_wire(message, *usage, oddities); });
    return {asked.attempt, std::move(answer), std::move(oddities)};
  }
  const auto translate = [&](const auto& message) { return partner::from_wire(message, oddities); };
  partner::Answer answer = std::holds_alternative<partner::ListStates>(asked.request)
                               ? decoded<wire::OutletsResponse>(bytes, translate)
                               : decoded<wire::DeviceInventoryResponse>(bytes, translate);
  return {asked.attempt, std::move(answer), std::move(oddities)};
}

}  // namespace emporia::benchmarks
