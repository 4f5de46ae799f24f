#include "simulator/simulator.hpp"

#include <filesystem>
#include <stdexcept>

#include "simulator/certificate.hpp"
#include "simulator/control.hpp"
#include "simulator/control_port.hpp"
#include "simulator/service.hpp"

namespace simulator {
namespace {

WorldOptions world_options(const Options& options) {
  WorldOptions world;
  world.seed = options.seed;
  world.quota = options.quota;
  world.token_lifetime = options.token_lifetime;
  world.start = options.start_time.value_or(system_time()) + options.time_offset;
  world.time_scale = options.time_scale;
  return world;
}

// A directory of our own that vanishes with us.
class TemporaryDirectory {
 public:
  std::string make() {
    std::string name = (std::filesystem::temp_directory_path() / "partner-simulator-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory like " + name);
    return path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

 private:
  std::string path_;
};

}  // namespace

struct Simulator::Parts {
  explicit Parts(const Options& options) : world(options.home, world_options(options)) {}
  TemporaryDirectory directory;
  World world;
  Identity identity;
  std::unique_ptr<Service> service;
  std::unique_ptr<ControlPort> control;
};

Simulator::Simulator(const Options& options) : parts_(std::make_unique<Parts>(options)) {
  Parts& parts = *parts_;
  if (!options.plaintext) {
    if (options.certificate.empty()) {
      const bool own = options.certificate_dir.empty();
      if (!own) std::filesystem::create_directories(options.certificate_dir);
      parts.identity = make_identity(own ? parts.directory.make() : options.certificate_dir);
    } else {
      parts.identity = load_identity(options.certificate, options.key);
    }
  }
  parts.service = std::make_unique<Service>(parts.world, options.port, options.plaintext ? nullptr : &parts.identity);
  parts.control =
      std::make_unique<ControlPort>(options.control_port, [this](std::string_view line) { return command(line); });
}

Simulator::~Simulator() = default;

std::uint16_t Simulator::port() const {
  return parts_->service->port();
}
std::uint16_t Simulator::control_port() const {
  return parts_->control->port();
}
std::string Simulator::endpoint() const {
  return "localhost:" + std::to_string(port());
}
std::string Simulator::ca_file() const {
  return parts_->identity.ca_file;
}
std::string Simulator::command(std::string_view line) {
  return carry_out(parts_->world, line);
}

}  // namespace simulator
