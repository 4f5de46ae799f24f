#include "partner/translate.hpp"

namespace emporia::partner {
namespace {

std::uint64_t epoch(model::UtcSeconds time) {
  const auto seconds = time.time_since_epoch().count();
  return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds);
}

wire::DataResolution to_wire(model::Scale scale) {
  switch (scale) {
    case model::Scale::minutes:
      return wire::Minutes;
    case model::Scale::fifteen_minutes:
      return wire::FifteenMinutes;
    case model::Scale::hours:
      return wire::Hours;
    case model::Scale::days:
      return wire::Days;
    case model::Scale::weeks:
      return wire::Weeks;
    case model::Scale::months:
      return wire::Months;
    case model::Scale::years:
      break;
  }
  return wire::Years;
}

void set_dispatch(wire::BatterySettings& settings, const model::Dispatch& dispatch) {
  // What is not given is not sent, so that the service, not a default of ours, decides about it.
  const auto put = [](const std::optional<double>& value, auto* mode, auto field) {
    if (value) (mode->*field)()->set_value(*value);
  };
  switch (dispatch.mode) {
    case model::DispatchMode::load_following: {
      auto* mode = settings.mutable_load_following();
      put(dispatch.power_kw, mode, &wire::BatterySettings_LoadFollowing::mutable_power_kwatts);
      return;
    }
    case model::DispatchMode::charge_with_excess_solar: {
      auto* mode = settings.mutable_charge_with_excess_solar();
      put(dispatch.charge_power_kw, mode, &wire::BatterySettings_ChargeWithExcessSolar::mutable_charge_power_kwatts);
      return;
    }
    case model::DispatchMode::charge_to_state_of_charge: {
      auto* mode = settings.mutable_charge_to_state_of_charge();
      put(dispatch.target_soc_pct, mode, &wire::BatterySettings_ChargeToStateOfCharge::mutable_soc_percentage);
      put(dispatch.charge_power_kw, mode, &wire::BatterySettings_ChargeToStateOfCharge::mutable_charge_power_kwatts);
      return;
    }
    case model::DispatchMode::discharge_to_state_of_charge: {
      auto* mode = settings.mutable_discharge_to_state_of_charge();
      put(dispatch.target_soc_pct, mode, &wire::BatterySettings_DischargeToStateOfCharge::mutable_soc_percentage);
      put(dispatch.discharge_power_kw, mode,
          &wire::BatterySettings_DischargeToStateOfCharge::mutable_discharge_power_kwatts);
      return;
    }
    case model::DispatchMode::idle:
      settings.mutable_idle();
      return;
  }
}

}  // namespace

wire::AuthenticationRequest to_wire(const SignIn& request) {
  wire::AuthenticationRequest message;
  message.set_partner_email(request.email);
  message.set_password(request.password);
  return message;
}

wire::DeviceInventoryRequest to_wire(const ListDevices& request, const std::string& token) {
  wire::DeviceInventoryRequest message;
  message.set_auth_token(token);
  for (const std::string& email : request.customer_emails) message.add_customer_emails(email);
  return message;
}

wire::DeviceUsageRequest to_wire(const FetchUsage& request, const std::string& token) {
  wire::DeviceUsageRequest message;
  message.set_auth_token(token);
  message.set_start_epoch_seconds(epoch(request.start));
  message.set_end_epoch_seconds(epoch(request.end));
  message.set_scale(to_wire(request.scale));
  message.set_channels(wire::DeviceUsageRequest::ALL);
  for (const model::DeviceId& id : request.devices) message.add_manufacturer_device_ids(id.text());
  return message;
}

wire::ListDevicesRequest to_wire(const ListStates& request, const std::string& token) {
  wire::ListDevicesRequest message;
  message.set_auth_token(token);
  for (const model::DeviceId& id : request.devices) message.add_manufacturer_device_ids(id.text());
  return message;
}

wire::UpdateOutletsRequest to_wire(const UpdateOutlets& request, const std::string& token) {
  wire::UpdateOutletsRequest message;
  message.set_auth_token(token);
  for (const OutletUpdate& update : request.updates) {
    auto* outlet = message.add_outlets();
    outlet->set_manufacturer_device_id(update.device.text());
    outlet->set_on(update.on);
  }
  return message;
}

wire::UpdateEVChargersRequest to_wire(const UpdateChargers& request, const std::string& token) {
  wire::UpdateEVChargersRequest message;
  message.set_auth_token(token);
  for (const ChargerUpdate& update : request.updates) {
    auto* settings = message.add_settings();
    settings->set_manufacturer_device_id(update.device.text());
    if (update.on) settings->mutable_on()->set_value(*update.on);
    if (update.charge_rate_a) settings->mutable_charge_rate_amps()->set_value(*update.charge_rate_a);
  }
  return message;
}

wire::UpdateBatteriesRequest to_wire(const UpdateBatteries& request, const std::string& token) {
  wire::UpdateBatteriesRequest message;
  message.set_auth_token(token);
  for (const BatteryUpdate& update : request.updates) {
    auto* settings = message.add_settings();
    settings->set_manufacturer_device_id(update.device.text());
    if (update.reserve_soc_pct) settings->mutable_reserve_soc_percentage()->set_value(*update.reserve_soc_pct);
    if (update.dispatch) set_dispatch(*settings, *update.dispatch);
  }
  return message;
}

}  // namespace emporia::partner
