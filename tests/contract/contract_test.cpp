// The compiled contract against a table written by hand from the description of the service. Every line of the table
// must be found in the descriptor, and nothing else may be in it: a renamed, renumbered, retyped, added or dropped
// piece would still compile, and would talk past the service.
#include <algorithm>
#include <doctest/doctest.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <set>
#include <sstream>
#include <string>

#include "partner_api2.grpc.pb.h"
#include "partner_api2.pb.h"

namespace {

namespace pb = google::protobuf;

constexpr const char* kPackage = "emporiaenergy.partner_api_2";

constexpr const char* kTable = R"(
rpc PartnerApi.Authenticate(AuthenticationRequest) AuthenticationResponse
rpc PartnerApi.GetDevices(DeviceInventoryRequest) DeviceInventoryResponse
rpc PartnerApi.GetUsageData(DeviceUsageRequest) DeviceUsageResponse
rpc PartnerApi.ListUtilityConnects(ListDevicesRequest) UtilityConnectsResponse
rpc PartnerApi.ListOutlets(ListDevicesRequest) OutletsResponse
rpc PartnerApi.UpdateOutlets(UpdateOutletsRequest) OutletsResponse
rpc PartnerApi.ListEVChargers(ListDevicesRequest) EVChargersResponse
rpc PartnerApi.UpdateEVChargers(UpdateEVChargersRequest) EVChargersResponse
rpc PartnerApi.ListBatteries(ListDevicesRequest) BatteriesResponse
rpc PartnerApi.UpdateBatteries(UpdateBatteriesRequest) BatteriesResponse

enum DataResolution Minutes=0 FifteenMinutes=1 Hours=2 Days=3 Weeks=4 Months=5 Years=6
enum DeviceInventoryResponse.Device.DeviceModel UNKNOWN=0 Vue2=1 UtilityConnect=2 Outlet=3 EVCharger=4 Battery=5 Vue1=6 Vue3=7
enum DeviceInventoryResponse.Device.CircuitInfo.CircuitType UNKNOWN_TYPE=0 Vue_200A_Main=1 Vue_50A_Expansion=2 Main=3 Battery=4
enum DeviceInventoryResponse.Device.CircuitInfo.EnergyDirection UNKNOWN_DIRECTION=0 Consumption=1 Generation=2 Bidirectional=3
enum DeviceUsageRequest.UsageChannel MAINS=0 ALL=1

message AuthenticationRequest
field AuthenticationRequest.partner_email 1 string
field AuthenticationRequest.password 2 string

message AuthenticationResponse
field AuthenticationResponse.auth_token 1 string

message DeviceInventoryRequest
field DeviceInventoryRequest.auth_token 1 string
field DeviceInventoryRequest.customer_emails 2 repeated string

message DeviceInventoryResponse
field DeviceInventoryResponse.devices 1 repeated DeviceInventoryResponse.Device

message DeviceInventoryResponse.Device
field DeviceInventoryResponse.Device.manufacturer_device_id 1 string
field DeviceInventoryResponse.Device.model 2 DeviceInventoryResponse.Device.DeviceModel
field DeviceInventoryResponse.Device.firmware 3 string
field DeviceInventoryResponse.Device.solar 4 bool
field DeviceInventoryResponse.Device.latitude 5 double
field DeviceInventoryResponse.Device.longitude 6 double
field DeviceInventoryResponse.Device.device_name 7 string
field DeviceInventoryResponse.Device.timezone 8 string
field DeviceInventoryResponse.Device.channel_names 9 repeated string
field DeviceInventoryResponse.Device.device_connected 10 bool
field DeviceInventoryResponse.Device.billing_cycle_start_day 11 uint32
field DeviceInventoryResponse.Device.customers 12 repeated DeviceInventoryResponse.Device.CustomerInfo
field DeviceInventoryResponse.Device.circuit_infos 13 repeated DeviceInventoryResponse.Device.CircuitInfo

message DeviceInventoryResponse.Device.CircuitInfo
field DeviceInventoryResponse.Device.CircuitInfo.channel_number 1 uint32
field DeviceInventoryResponse.Device.CircuitInfo.type 2 DeviceInventoryResponse.Device.CircuitInfo.CircuitType
field DeviceInventoryResponse.Device.CircuitInfo.energy_direction 3 DeviceInventoryResponse.Device.CircuitInfo.EnergyDirection
field DeviceInventoryResponse.Device.CircuitInfo.sub_type 4 string
field DeviceInventoryResponse.Device.CircuitInfo.name 5 string

message DeviceInventoryResponse.Device.CustomerInfo
field DeviceInventoryResponse.Device.CustomerInfo.first_name 1 string
field DeviceInventoryResponse.Device.CustomerInfo.last_name 2 string
field DeviceInventoryResponse.Device.CustomerInfo.email 3 string

message DeviceUsageRequest
field DeviceUsageRequest.auth_token 1 string
field DeviceUsageRequest.start_epoch_seconds 2 uint64
field DeviceUsageRequest.end_epoch_seconds 3 uint64
field DeviceUsageRequest.scale 4 DataResolution
field DeviceUsageRequest.channels 5 DeviceUsageRequest.UsageChannel
field DeviceUsageRequest.manufacturer_device_ids 6 repeated string

message DeviceUsageResponse
field DeviceUsageResponse.device_usages 1 repeated DeviceUsageResponse.DeviceUsage

message DeviceUsageResponse.DeviceUsage
field DeviceUsageResponse.DeviceUsage.manufacturer_device_id 1 string
field DeviceUsageResponse.DeviceUsage.scale 2 DataResolution
field DeviceUsageResponse.DeviceUsage.bucket_epoch_seconds 3 repeated packed uint64
field DeviceUsageResponse.DeviceUsage.channel_usages 4 repeated DeviceUsageResponse.DeviceUsage.ChannelUsageData

message DeviceUsageResponse.DeviceUsage.ChannelUsageData
field DeviceUsageResponse.DeviceUsage.ChannelUsageData.channel 1 uint32
field DeviceUsageResponse.DeviceUsage.ChannelUsageData.usages 2 repeated packed double

message ListDevicesRequest
field ListDevicesRequest.auth_token 1 string
field ListDevicesRequest.manufacturer_device_ids 2 repeated string

message UtilityConnectsResponse
field UtilityConnectsResponse.utility_connects 1 repeated UtilityConnect

message UtilityConnect
field UtilityConnect.manufacturer_device_id 1 string
field UtilityConnect.zigbee_mac 12 string

message OutletsResponse
field OutletsResponse.outlets 1 repeated OutletSettings

message OutletSettings
field OutletSettings.manufacturer_device_id 1 string
field OutletSettings.on 2 bool

message UpdateOutletsRequest
field UpdateOutletsRequest.auth_token 1 string
field UpdateOutletsRequest.outlets 2 repeated OutletSettings

message EVChargersResponse
field EVChargersResponse.evchargers 1 repeated EVCharger

message EVCharger
field EVCharger.car_connected 1 bool
field EVCharger.car_charging 2 bool
field EVCharger.max_charge_rate_amps 3 uint32
field EVCharger.settings 10 EVChargerSettings

message UpdateEVChargersRequest
field UpdateEVChargersRequest.auth_token 1 string
field UpdateEVChargersRequest.settings 2 repeated EVChargerSettings

message EVChargerSettings
field EVChargerSettings.manufacturer_device_id 1 string
field EVChargerSettings.on 2 google.protobuf.BoolValue
field EVChargerSettings.charge_rate_amps 3 google.protobuf.UInt32Value

message BatteriesResponse
field BatteriesResponse.batteries 1 repeated Battery

message Battery
field Battery.capacity_kwhs 1 double
field Battery.inverter_max_power_kwatts 2 double
field Battery.soc_percentage 3 google.protobuf.DoubleValue
field Battery.settings 10 BatterySettings

message UpdateBatteriesRequest
field UpdateBatteriesRequest.auth_token 1 string
field UpdateBatteriesRequest.settings 2 repeated BatterySettings

message BatterySettings
field BatterySettings.manufacturer_device_id 1 string
field BatterySettings.reserve_soc_percentage 2 google.protobuf.DoubleValue
field BatterySettings.load_following 10 BatterySettings.LoadFollowing oneof dispatch_mode
field BatterySettings.charge_with_excess_solar 11 BatterySettings.ChargeWithExcessSolar oneof dispatch_mode
field BatterySettings.charge_to_state_of_charge 12 BatterySettings.ChargeToStateOfCharge oneof dispatch_mode
field BatterySettings.discharge_to_state_of_charge 13 BatterySettings.DischargeToStateOfCharge oneof dispatch_mode
field BatterySettings.idle 14 BatterySettings.Idle oneof dispatch_mode

message BatterySettings.LoadFollowing
field BatterySettings.LoadFollowing.power_kwatts 1 google.protobuf.DoubleValue

message BatterySettings.ChargeWithExcessSolar
field BatterySettings.ChargeWithExcessSolar.charge_power_kwatts 1 google.protobuf.DoubleValue

message BatterySettings.ChargeToStateOfCharge
field BatterySettings.ChargeToStateOfCharge.soc_percentage 1 google.protobuf.DoubleValue
field BatterySettings.ChargeToStateOfCharge.charge_power_kwatts 2 google.protobuf.DoubleValue

message BatterySettings.DischargeToStateOfCharge
field BatterySettings.DischargeToStateOfCharge.soc_percentage 1 google.protobuf.DoubleValue
field BatterySettings.DischargeToStateOfCharge.discharge_power_kwatts 2 google.protobuf.DoubleValue

message BatterySettings.Idle
)";

std::set<std::string> expected() {
  std::set<std::string> lines;
  std::istringstream table(kTable);
  for (std::string line; std::getline(table, line);) {
    if (!line.empty()) CHECK_MESSAGE(lines.insert(line).second, "twice in the table: ", line);
  }
  return lines;
}

/// The descriptor in the table's words.
class Described {
 public:
  explicit Described(const pb::FileDescriptor& file) : package_(file.package() + ".") {
    for (int i = 0; i < file.service_count(); ++i) add(*file.service(i));
    for (int i = 0; i < file.enum_type_count(); ++i) add(*file.enum_type(i));
    for (int i = 0; i < file.message_type_count(); ++i) add(*file.message_type(i));
    for (int i = 0; i < file.extension_count(); ++i) lines_.insert("extension " + file.extension(i)->full_name());
  }
  const std::set<std::string>& lines() const { return lines_; }

 private:
  std::string name(const std::string& full) const {
    return full.compare(0, package_.size(), package_) == 0 ? full.substr(package_.size()) : full;
  }

  void add(const pb::ServiceDescriptor& service) {
    for (int i = 0; i < service.method_count(); ++i) {
      const pb::MethodDescriptor& method = *service.method(i);
      const auto type = [&](bool streams, const pb::Descriptor& message) {
        return (streams ? "stream " : "") + name(message.full_name());
      };
      lines_.insert("rpc " + name(method.full_name()) + "(" + type(method.client_streaming(), *method.input_type()) +
                    ") " + type(method.server_streaming(), *method.output_type()));
    }
  }

  void add(const pb::EnumDescriptor& type) {
    std::string line = "enum " + name(type.full_name());
    for (int i = 0; i < type.value_count(); ++i) {
      line += " " + type.value(i)->name() + "=" + std::to_string(type.value(i)->number());
    }
    lines_.insert(line);
  }

  void add(const pb::Descriptor& message) {
    lines_.insert("message " + name(message.full_name()));
    for (int i = 0; i < message.field_count(); ++i) add(*message.field(i));
    for (int i = 0; i < message.extension_count(); ++i) lines_.insert("extension " + message.extension(i)->full_name());
    for (int i = 0; i < message.enum_type_count(); ++i) add(*message.enum_type(i));
    for (int i = 0; i < message.nested_type_count(); ++i) add(*message.nested_type(i));
  }

  void add(const pb::FieldDescriptor& field) {
    std::string line = "field " + name(field.full_name()) + " " + std::to_string(field.number()) + " ";
    if (field.is_required()) line += "required ";
    if (field.is_repeated()) line += "repeated ";
    if (field.is_packed() && field.enum_type() == nullptr) line += "packed ";
    if (field.message_type() != nullptr) {
      line += name(field.message_type()->full_name());
    } else if (field.enum_type() != nullptr) {
      line += name(field.enum_type()->full_name());
    } else {
      line += field.type_name();
    }
    // A proto3 "optional" is a oneof of its own that only the compiler sees.
    if (const pb::OneofDescriptor* oneof = field.containing_oneof()) line += " oneof " + oneof->name();
    lines_.insert(line);
  }

  std::string package_;
  std::set<std::string> lines_;
};

const pb::FileDescriptor& contract() {
  return *emporiaenergy::partner_api_2::AuthenticationRequest::descriptor()->file();
}

}  // namespace

TEST_CASE("the contract is the service's in every name, number, type and label") {
  const auto wanted = expected();
  const auto there = Described(contract()).lines();
  REQUIRE_FALSE(wanted.empty());
  for (const std::string& line : wanted) CHECK_MESSAGE(there.count(line) == 1, "missing: ", line);
  for (const std::string& line : there) CHECK_MESSAGE(wanted.count(line) == 1, "not in the table: ", line);
}

TEST_CASE("the contract's package, syntax and service are the service's") {
  CHECK(contract().package() == kPackage);
  CHECK(contract().syntax() == pb::FileDescriptor::SYNTAX_PROTO3);
  REQUIRE(contract().service_count() == 1);
  CHECK(contract().service(0)->full_name() == "emporiaenergy.partner_api_2.PartnerApi");
  // The path a call travels under.
  CHECK(std::string(emporiaenergy::partner_api_2::PartnerApi::service_full_name()) ==
        "emporiaenergy.partner_api_2.PartnerApi");
}

TEST_CASE("of other files the contract uses the standard wrappers and nothing else") {
  REQUIRE(contract().dependency_count() == 1);
  CHECK(contract().dependency(0)->name() == "google/protobuf/wrappers.proto");
}
