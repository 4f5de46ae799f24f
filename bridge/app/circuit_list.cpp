#include "app/circuit_list.hpp"

namespace emporia::app {

json::Array circuit_list(const model::Device& device) {
  json::Array circuits;
  for (const model::Circuit& circuit : device.circuits) {
    circuits.push_back(json::Object{{"channel", circuit.channel},
                                    {"name", circuit.name},
                                    {"direction", model::word(circuit.direction)},
                                    {"sub_type", circuit.sub_type}});
  }
  return circuits;
}

}  // namespace emporia::app
