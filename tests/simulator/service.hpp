#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "simulator/world.hpp"

namespace simulator {

struct Identity;

/// The gRPC server over a world: lets callers in, makes them wait or fail as the faults say, notes every call.
class Service {
 public:
  /// Listens on 127.0.0.1; `identity` null: plaintext. Port 0 picks a free one. Throws std::runtime_error.
  Service(World& world, std::uint16_t port, const Identity* identity);
  ~Service();
  std::uint16_t port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace simulator
