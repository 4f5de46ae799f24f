#include <algorithm>
#include <google/protobuf/util/json_util.h>

#include "simulator/answers.hpp"

namespace simulator {
namespace {

using Reply = api::DeviceInventoryResponse;

void add_circuits(const Device& device, Reply::Device& entry) {
  for (const CircuitSpec& circuit : device.spec.circuits) {
    auto* const info = entry.add_circuit_infos();
    info->set_channel_number(circuit.channel);
    info->set_type(static_cast<Reply::Device::CircuitInfo::CircuitType>(circuit.type));
    info->set_energy_direction(static_cast<Reply::Device::CircuitInfo::EnergyDirection>(circuit.direction));
    info->set_sub_type(circuit.sub_type);
    info->set_name(circuit.name);
  }
}

// One name for each place a clamp could be, whether there is one or not. Deprecated in the contract and still sent.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
void add_channel_names(const Device& device, Reply::Device& entry) {
  for (std::uint32_t channel = 1; channel <= last_channel(device.spec.model); ++channel) {
    const auto& circuits = device.spec.circuits;
    const auto found = std::find_if(circuits.begin(), circuits.end(),
                                    [&](const CircuitSpec& circuit) { return circuit.channel == channel; });
    entry.add_channel_names(found == circuits.end() ? "" : found->name);
  }
}
#pragma GCC diagnostic pop

void describe(const Device& device, const Behaviour& behaviour, Reply::Device& entry) {
  const DeviceSpec& spec = device.spec;
  entry.set_manufacturer_device_id(spec.id);
  entry.set_model(static_cast<Reply::Device::DeviceModel>(spec.model));
  entry.set_firmware(spec.firmware);
  entry.set_solar(spec.solar);
  entry.set_latitude(spec.latitude);
  entry.set_longitude(spec.longitude);
  entry.set_device_name(spec.name);
  entry.set_timezone(spec.timezone);
  entry.set_device_connected(spec.connected);
  if (behaviour.is("billing_day", "present")) entry.set_billing_cycle_start_day(spec.billing_day);
  if (behaviour.is("channel_names", "present")) add_channel_names(device, entry);
  if (behaviour.is("customers", "present")) {
    for (const CustomerSpec& customer : spec.customers) {
      auto* const person = entry.add_customers();
      person->set_first_name(customer.first_name);
      person->set_last_name(customer.last_name);
      person->set_email(customer.email);
    }
  }
  add_circuits(device, entry);
}

}  // namespace

Outcome authenticate(World& world, const api::AuthenticationRequest& request, api::AuthenticationResponse& reply) {
  if (request.partner_email().empty() || request.password().empty()) {
    return {Code::invalid_argument, "partner_email and password are required"};
  }
  if (world.access.password_is(request.partner_email(), request.password())) {
    reply.set_auth_token(world.access.issue_token(world.house.now()));
    return {};
  }
  const char* const text = "incorrect username or password";
  if (world.behaviour.is("wrong_password", "permission_denied")) return {Code::permission_denied, text};
  if (world.behaviour.is("wrong_password", "invalid")) return {Code::invalid_argument, text};
  return {Code::unauthenticated, text};
}

Outcome get_devices(World& world, const api::DeviceInventoryRequest& request, api::DeviceInventoryResponse& reply) {
  const auto wanted = [&](const Device& device) {
    if (device.removed) return false;
    if (request.customer_emails().empty()) return true;
    return std::any_of(device.spec.customers.begin(), device.spec.customers.end(), [&](const CustomerSpec& customer) {
      const auto& emails = request.customer_emails();
      return std::find(emails.begin(), emails.end(), customer.email) != emails.end();
    });
  };
  for (const auto& device : world.house.devices()) {
    if (wanted(*device)) describe(*device, world.behaviour, *reply.add_devices());
  }
  if (world.behaviour.is("order", "reversed")) {
    std::reverse(reply.mutable_devices()->pointer_begin(), reply.mutable_devices()->pointer_end());
  }
  return {};
}

std::string as_json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  const std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  for (const char* secret : {"auth_token", "password"}) {
    if (const auto* const field = copy->GetDescriptor()->FindFieldByName(secret)) {
      copy->GetReflection()->ClearField(copy.get(), field);
    }
  }
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(*copy, &text, options).ok()) return "{}";
  return text;
}

}  // namespace simulator
