#include "partner/request.hpp"

namespace emporia::partner {
namespace {

const char* list_method(StateKind kind) {
  switch (kind) {
    case StateKind::outlets:
      return "ListOutlets";
    case StateKind::ev_chargers:
      return "ListEVChargers";
    case StateKind::batteries:
      return "ListBatteries";
    case StateKind::utility_connects:
      break;
  }
  return "ListUtilityConnects";
}

struct MethodName {
  const char* operator()(const SignIn&) const { return "Authenticate"; }
  const char* operator()(const ListDevices&) const { return "GetDevices"; }
  const char* operator()(const FetchUsage&) const { return "GetUsageData"; }
  const char* operator()(const ListStates& request) const { return list_method(request.kind); }
  const char* operator()(const UpdateOutlets&) const { return "UpdateOutlets"; }
  const char* operator()(const UpdateChargers&) const { return "UpdateEVChargers"; }
  const char* operator()(const UpdateBatteries&) const { return "UpdateBatteries"; }
};

}  // namespace

const char* method_name(const Request& request) {
  return std::visit(MethodName{}, request);
}

}  // namespace emporia::partner
