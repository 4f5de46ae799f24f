#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "partner_api2.pb.h"
#include "simulator/world.hpp"

namespace simulator {

/// The contract's types under a short name.
namespace api = emporiaenergy::partner_api_2;

// What each rpc answers once the caller is let in. All run with the world's mutex held and the house moved on to now; a
// refused call leaves `reply` to be ignored.

Outcome authenticate(World& world, const api::AuthenticationRequest& request, api::AuthenticationResponse& reply);
Outcome get_devices(World& world, const api::DeviceInventoryRequest& request, api::DeviceInventoryResponse& reply);
Outcome get_usage(World& world, const api::DeviceUsageRequest& request, api::DeviceUsageResponse& reply);
Outcome list_utility_connects(World& world, const api::ListDevicesRequest& request,
                              api::UtilityConnectsResponse& reply);
Outcome list_outlets(World& world, const api::ListDevicesRequest& request, api::OutletsResponse& reply);
Outcome list_chargers(World& world, const api::ListDevicesRequest& request, api::EVChargersResponse& reply);
Outcome list_batteries(World& world, const api::ListDevicesRequest& request, api::BatteriesResponse& reply);
Outcome update_outlets(World& world, const api::UpdateOutletsRequest& request, api::OutletsResponse& reply);
Outcome update_chargers(World& world, const api::UpdateEVChargersRequest& request, api::EVChargersResponse& reply);
Outcome update_batteries(World& world, const api::UpdateBatteriesRequest& request, api::BatteriesResponse& reply);

/// Finds the device of an id, which must be of the model, or says why not; one to be passed over is null without a
/// refusal.
Outcome pick(World& world, const std::string& id, int model, Device*& device);

/// A device's settings as the replies show them; also what the control port prints.
api::OutletSettings outlet_reply(const Device& device);
api::EVCharger charger_reply(const Device& device);
api::Battery battery_reply(const Device& device, const Behaviour& behaviour);

/// Spoils a reply as the faults ask; each armed kind that fits the reply is used up by one.
void spoil(Faults& faults, google::protobuf::Message& reply);
/// The kinds spoil() knows, with a line for people each.
const std::vector<std::pair<std::string_view, std::string_view>>& garbage_kinds();

/// One line of JSON with the contract's field names, without token and password. Wrappers and modes appear only where
/// the caller set them.
std::string as_json(const google::protobuf::Message& message);

}  // namespace simulator
