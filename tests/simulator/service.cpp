#include "simulator/service.hpp"

#include <grpcpp/grpcpp.h>
#include <stdexcept>

#include "partner_api2.grpc.pb.h"
#include "simulator/answers.hpp"
#include "simulator/certificate.hpp"

namespace simulator {
namespace {

using Lock = std::unique_lock<std::mutex>;

constexpr auto kHeldBackCheck = std::chrono::milliseconds(20);

class Rpcs final : public api::PartnerApi::Service {
 public:
  explicit Rpcs(World& world) : world_(world) {}

  // NOLINTBEGIN(readability-identifier-naming): the contract's names.
  grpc::Status Authenticate(grpc::ServerContext* context, const api::AuthenticationRequest* request,
                            api::AuthenticationResponse* reply) override {
    return run("Authenticate", *context, *request, *reply, authenticate);
  }
  grpc::Status GetDevices(grpc::ServerContext* context, const api::DeviceInventoryRequest* request,
                          api::DeviceInventoryResponse* reply) override {
    return run("GetDevices", *context, *request, *reply, get_devices);
  }
  grpc::Status GetUsageData(grpc::ServerContext* context, const api::DeviceUsageRequest* request,
                            api::DeviceUsageResponse* reply) override {
    return run("GetUsageData", *context, *request, *reply, get_usage);
  }
  grpc::Status ListUtilityConnects(grpc::ServerContext* context, const api::ListDevicesRequest* request,
                                   api::UtilityConnectsResponse* reply) override {
    return run("ListUtilityConnects", *context, *request, *reply, list_utility_connects);
  }
  grpc::Status ListOutlets(grpc::ServerContext* context, const api::ListDevicesRequest* request,
                           api::OutletsResponse* reply) override {
    return run("ListOutlets", *context, *request, *reply, list_outlets);
  }
  grpc::Status UpdateOutlets(grpc::ServerContext* context, const api::UpdateOutletsRequest* request,
                             api::OutletsResponse* reply) override {
    return run("UpdateOutlets", *context, *request, *reply, update_outlets);
  }
  grpc::Status ListEVChargers(grpc::ServerContext* context, const api::ListDevicesRequest* request,
                              api::EVChargersResponse* reply) override {
    return run("ListEVChargers", *context, *request, *reply, list_chargers);
  }
  grpc::Status UpdateEVChargers(grpc::ServerContext* context, const api::UpdateEVChargersRequest* request,
                                api::EVChargersResponse* reply) override {
    return run("UpdateEVChargers", *context, *request, *reply, update_chargers);
  }
  grpc::Status ListBatteries(grpc::ServerContext* context, const api::ListDevicesRequest* request,
                             api::BatteriesResponse* reply) override {
    return run("ListBatteries", *context, *request, *reply, list_batteries);
  }
  grpc::Status UpdateBatteries(grpc::ServerContext* context, const api::UpdateBatteriesRequest* request,
                               api::BatteriesResponse* reply) override {
    return run("UpdateBatteries", *context, *request, *reply, update_batteries);
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  template <typename Request, typename Reply, typename Answer>
  grpc::Status run(std::string_view rpc, grpc::ServerContext& context, const Request& request, Reply& reply,
                   Answer answer) {
    Lock lock(world_.mutex);
    const Seconds now = world_.advance();
    // A frozen or slow server has taken the call: it counts although no answer may ever come.
    Outcome outcome = world_.access.take_call(now, world_.behaviour.on("refused_calls_count"))
                          ? Outcome{}
                          : Outcome{Code::resource_exhausted, "hourly quota of calls exceeded; try again later"};
    hold_back(rpc, context, lock);
    world_.advance();
    bool carried_out = true;
    Outcome fault = injected(rpc, carried_out);
    if (!carried_out) outcome = fault;
    if (outcome.ok()) outcome = check_token(request);
    if (outcome.ok()) outcome = answer(world_, request, reply);
    if (outcome.ok()) spoil(world_.faults, reply);
    if (!fault.ok()) outcome = std::move(fault);
    if (!outcome.ok()) reply.Clear();
    world_.journal.note({now, std::string(rpc), outcome.code, as_json(request)}, rpc.substr(0, 6) == "Update");
    return {static_cast<grpc::StatusCode>(outcome.code), outcome.text};
  }

  template <typename Request>
  Outcome check_token(const Request& request) {
    if constexpr (!std::is_same_v<Request, api::AuthenticationRequest>) {
      if (request.auth_token().empty()) return {Code::unauthenticated, "auth_token is missing"};
      if (!world_.access.token_is_good(request.auth_token(), world_.house.now())) {
        return {Code::unauthenticated, "auth_token is not valid or has expired"};
      }
    }
    return {};
  }

  // Sleeps out a delay or a freeze, giving up when the caller has or the server stops.
  void hold_back(std::string_view rpc, const grpc::ServerContext& context, Lock& lock) {
    const auto& delays = world_.faults.delays_ms;
    auto delay = delays.find(rpc);
    if (delay == delays.end()) delay = delays.find("*");
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(delay == delays.end() ? 0 : delay->second);
    while ((world_.faults.frozen || std::chrono::steady_clock::now() < until) && !world_.stopping &&
           !context.IsCancelled()) {
      world_.changed.wait_for(lock, kHeldBackCheck);
    }
  }

  Outcome injected(std::string_view rpc, bool& carried_out) {
    auto& failures = world_.faults.failures;
    auto failure = failures.find(rpc);
    if (failure == failures.end()) failure = failures.find("*");
    if (failure == failures.end()) return {};
    Outcome outcome;
    outcome.code = failure->second.code;
    outcome.text = failure->second.text;
    carried_out = failure->second.carried_out;
    if (--failure->second.count <= 0) failures.erase(failure);
    return outcome;
  }

  World& world_;
};

}  // namespace

struct Service::Parts {
  explicit Parts(World& the_world) : world(the_world), rpcs(the_world) {}
  World& world;
  Rpcs rpcs;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

Service::Service(World& world, std::uint16_t port, const Identity* identity) : parts_(std::make_unique<Parts>(world)) {
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (identity != nullptr) {
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({identity->key_pem, identity->certificate_pem});
    credentials = grpc::SslServerCredentials(tls);
  }
  grpc::ServerBuilder builder;
  // Or two simulators on one port would share its calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), credentials, &parts_->port);
  builder.RegisterService(&parts_->rpcs);
  parts_->server = builder.BuildAndStart();
  if (!parts_->server || parts_->port == 0) {
    throw std::runtime_error("cannot listen on 127.0.0.1:" + std::to_string(port) +
                             "; choose another --port, and check that certificate and key belong together");
  }
}

Service::~Service() {
  if (!parts_->server) return;
  {
    const std::lock_guard lock(parts_->world.mutex);
    parts_->world.stopping = true;
  }
  parts_->world.changed.notify_all();
  parts_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  parts_->server->Wait();
}

std::uint16_t Service::port() const {
  return static_cast<std::uint16_t>(parts_->port);
}

}  // namespace simulator
