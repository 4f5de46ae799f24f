#include "simulator/caller.hpp"

#include <fstream>
#include <grpcpp/grpcpp.h>
#include <sstream>
#include <stdexcept>

#include "partner_api2.grpc.pb.h"

namespace simulator_stories {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const char* name_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::OK:
      return "OK";
    case grpc::CANCELLED:
      return "CANCELLED";
    case grpc::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case grpc::DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case grpc::PERMISSION_DENIED:
      return "PERMISSION_DENIED";
    case grpc::RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case grpc::FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case grpc::INTERNAL:
      return "INTERNAL";
    case grpc::UNAVAILABLE:
      return "UNAVAILABLE";
    case grpc::UNAUTHENTICATED:
      return "UNAUTHENTICATED";
    case grpc::UNKNOWN:
    case grpc::NOT_FOUND:
    case grpc::ALREADY_EXISTS:
    case grpc::ABORTED:
    case grpc::OUT_OF_RANGE:
    case grpc::UNIMPLEMENTED:
    case grpc::DATA_LOSS:
    case grpc::DO_NOT_USE:
      break;
  }
  return "another status";
}

}  // namespace

struct Caller::Parts {
  std::unique_ptr<api::PartnerApi::Stub> stub;

  template <typename Request, typename Reply>
  Answer<Reply> call(grpc::Status (api::PartnerApi::Stub::*rpc)(grpc::ClientContext*, const Request&, Reply*),
                     const Request& request, int limit_ms) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(limit_ms));
    Answer<Reply> answer;
    const grpc::Status status = (stub.get()->*rpc)(&context, request, &answer.reply);
    answer.status = name_of(status.error_code());
    answer.text = status.error_message();
    return answer;
  }
};

Caller::Caller(const simulator::Simulator& simulator, const std::string& email, const std::string& password,
               bool raised_limit)
    : parts_(std::make_unique<Parts>()) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = text_of(simulator.ca_file());
  grpc::ChannelArguments arguments;
  if (raised_limit) arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  parts_->stub =
      api::PartnerApi::NewStub(grpc::CreateCustomChannel(simulator.endpoint(), grpc::SslCredentials(tls), arguments));
  token = sign_in(email, password).reply.auth_token();
}

Caller::~Caller() = default;

Answer<api::AuthenticationResponse> Caller::sign_in(const std::string& email, const std::string& password) {
  api::AuthenticationRequest request;
  request.set_partner_email(email);
  request.set_password(password);
  return parts_->call(&api::PartnerApi::Stub::Authenticate, request, deadline_ms);
}

Answer<api::DeviceInventoryResponse> Caller::devices(const std::vector<std::string>& emails) {
  api::DeviceInventoryRequest request;
  request.set_auth_token(token);
  for (const std::string& email : emails) request.add_customer_emails(email);
  return parts_->call(&api::PartnerApi::Stub::GetDevices, request, deadline_ms);
}

Answer<api::DeviceUsageResponse> Caller::usage(api::DeviceUsageRequest request) {
  request.set_auth_token(token);
  return parts_->call(&api::PartnerApi::Stub::GetUsageData, request, deadline_ms);
}

Answer<api::DeviceUsageResponse> Caller::usage(const std::string& id, std::int64_t from, std::int64_t to,
                                               api::DataResolution scale) {
  api::DeviceUsageRequest request;
  request.set_start_epoch_seconds(static_cast<std::uint64_t>(from));
  request.set_end_epoch_seconds(static_cast<std::uint64_t>(to));
  request.set_scale(scale);
  request.set_channels(api::DeviceUsageRequest::ALL);
  request.add_manufacturer_device_ids(id);
  return usage(request);
}

namespace {

api::ListDevicesRequest list_request(const std::string& token, const std::vector<std::string>& ids) {
  api::ListDevicesRequest request;
  request.set_auth_token(token);
  for (const std::string& id : ids) request.add_manufacturer_device_ids(id);
  return request;
}

}  // namespace

Answer<api::UtilityConnectsResponse> Caller::utility_connects(const std::vector<std::string>& ids) {
  return parts_->call(&api::PartnerApi::Stub::ListUtilityConnects, list_request(token, ids), deadline_ms);
}
Answer<api::OutletsResponse> Caller::outlets(const std::vector<std::string>& ids) {
  return parts_->call(&api::PartnerApi::Stub::ListOutlets, list_request(token, ids), deadline_ms);
}
Answer<api::EVChargersResponse> Caller::chargers(const std::vector<std::string>& ids) {
  return parts_->call(&api::PartnerApi::Stub::ListEVChargers, list_request(token, ids), deadline_ms);
}
Answer<api::BatteriesResponse> Caller::batteries(const std::vector<std::string>& ids) {
  return parts_->call(&api::PartnerApi::Stub::ListBatteries, list_request(token, ids), deadline_ms);
}
Answer<api::OutletsResponse> Caller::update(api::UpdateOutletsRequest request) {
  request.set_auth_token(token);
  return parts_->call(&api::PartnerApi::Stub::UpdateOutlets, request, deadline_ms);
}
Answer<api::EVChargersResponse> Caller::update(api::UpdateEVChargersRequest request) {
  request.set_auth_token(token);
  return parts_->call(&api::PartnerApi::Stub::UpdateEVChargers, request, deadline_ms);
}
Answer<api::BatteriesResponse> Caller::update(api::UpdateBatteriesRequest request) {
  request.set_auth_token(token);
  return parts_->call(&api::PartnerApi::Stub::UpdateBatteries, request, deadline_ms);
}

std::int64_t at(const std::string& text) {
  const auto time = simulator::parse_time(text);
  if (!time) throw std::logic_error("not a time: " + text);
  return *time;
}

std::string home_file(const std::string& name) {
  return std::string(SOURCE_DIR) + "/tests/simulator/homes/" + name + ".toml";
}

simulator::Options still(const std::string& home, const std::string& now) {
  simulator::Options options;
  options.home = simulator::load_home(home_file(home));
  options.start_time = at(now);
  options.time_scale = 0;
  options.quota = 0;
  options.token_lifetime = 365 * 86400;
  return options;
}

simulator::Options still_text(const std::string& toml, const std::string& now) {
  simulator::Options options;
  options.home = simulator::parse_home(toml, "home.toml");
  options.start_time = at(now);
  options.time_scale = 0;
  options.quota = 0;
  options.token_lifetime = 365 * 86400;
  return options;
}

}  // namespace simulator_stories
