#pragma once

#include <memory>
#include <string>
#include <vector>

#include "partner_api2.pb.h"
#include "simulator/simulator.hpp"

namespace simulator_stories {

namespace api = emporiaenergy::partner_api_2;

template <typename Reply>
struct Answer {
  std::string status;  // "OK", "UNAUTHENTICATED" ...
  std::string text;
  Reply reply;
  bool ok() const { return status == "OK"; }
};

/// A client with a plain stub over TLS that trusts the simulator's authority alone. Signs in by itself; fills the token
/// into every request that has none.
class Caller {
 public:
  explicit Caller(const simulator::Simulator& simulator, const std::string& email = "partner@example.com",
                  const std::string& password = "simulated", bool raised_limit = true);
  ~Caller();

  Answer<api::AuthenticationResponse> sign_in(const std::string& email, const std::string& password);
  Answer<api::DeviceInventoryResponse> devices(const std::vector<std::string>& emails = {});
  Answer<api::DeviceUsageResponse> usage(api::DeviceUsageRequest request);
  /// All channels of one device.
  Answer<api::DeviceUsageResponse> usage(const std::string& id, std::int64_t from, std::int64_t to,
                                         api::DataResolution scale);
  Answer<api::UtilityConnectsResponse> utility_connects(const std::vector<std::string>& ids = {});
  Answer<api::OutletsResponse> outlets(const std::vector<std::string>& ids = {});
  Answer<api::EVChargersResponse> chargers(const std::vector<std::string>& ids = {});
  Answer<api::BatteriesResponse> batteries(const std::vector<std::string>& ids = {});
  Answer<api::OutletsResponse> update(api::UpdateOutletsRequest request);
  Answer<api::EVChargersResponse> update(api::UpdateEVChargersRequest request);
  Answer<api::BatteriesResponse> update(api::UpdateBatteriesRequest request);

  /// Of every call from now on.
  int deadline_ms = 20'000;
  std::string token;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Times in these stories: "2026-03-08T07:00:00Z".
std::int64_t at(const std::string& text);
std::string home_file(const std::string& name);
/// A simulator whose time stands still at `now` until it is told to go on, with one of the homes; no quota, and tokens
/// that outlast every story.
simulator::Options still(const std::string& home, const std::string& now);
simulator::Options still_text(const std::string& toml, const std::string& now);

}  // namespace simulator_stories
