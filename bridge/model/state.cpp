#include "model/state.hpp"

namespace emporia::model {

const char* word(DispatchMode mode) {
  switch (mode) {
    case DispatchMode::load_following:
      return "load_following";
    case DispatchMode::charge_with_excess_solar:
      return "charge_with_excess_solar";
    case DispatchMode::charge_to_state_of_charge:
      return "charge_to_state_of_charge";
    case DispatchMode::discharge_to_state_of_charge:
      return "discharge_to_state_of_charge";
    case DispatchMode::idle:
      break;
  }
  return "idle";
}

}  // namespace emporia::model
