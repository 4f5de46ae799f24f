#pragma once

#include <string>

#include "partner/oddities.hpp"
#include "partner/request.hpp"
#include "partner_api2.pb.h"

// The border between the wire and the model: the generated types are read and written here and nowhere else outside
// the gateway. What a reply gets wrong is left out and noted; nothing in it is believed unchecked.
namespace emporia::partner {

namespace wire = ::emporiaenergy::partner_api_2;

wire::AuthenticationRequest to_wire(const SignIn& request);
wire::DeviceInventoryRequest to_wire(const ListDevices& request, const std::string& token);
wire::DeviceUsageRequest to_wire(const FetchUsage& request, const std::string& token);
wire::ListDevicesRequest to_wire(const ListStates& request, const std::string& token);
wire::UpdateOutletsRequest to_wire(const UpdateOutlets& request, const std::string& token);
wire::UpdateEVChargersRequest to_wire(const UpdateChargers& request, const std::string& token);
wire::UpdateBatteriesRequest to_wire(const UpdateBatteries& request, const std::string& token);

Inventory from_wire(const wire::DeviceInventoryResponse& reply, Oddities& oddities);
/// Keeps what `request` asked for: its devices, its scale, buckets on the edges within its range.
Usage from_wire(const wire::DeviceUsageResponse& reply, const FetchUsage& request, Oddities& oddities);
States from_wire(const wire::OutletsResponse& reply, Oddities& oddities);
States from_wire(const wire::EVChargersResponse& reply, Oddities& oddities);
States from_wire(const wire::BatteriesResponse& reply, Oddities& oddities);
States from_wire(const wire::UtilityConnectsResponse& reply, Oddities& oddities);

}  // namespace emporia::partner
