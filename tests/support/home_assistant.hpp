#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"

namespace emporia::support {

struct HomeAssistantOptions {
  std::string version = "2026.4.1";
  /// With a certificate, the port speaks TLS.
  Identity identity;
  /// The token is of a user who is no administrator.
  bool no_admin = false;
  /// How long an import stays queued.
  std::chrono::milliseconds write_after{20};
};

/// One hour of a statistic.
struct StatisticRow {
  std::optional<double> state;
  std::optional<double> sum;
  std::optional<double> mean;
  std::optional<double> min;
  std::optional<double> max;
};
using StatisticRows = std::map<std::chrono::sys_seconds, StatisticRow>;

/// tests/homeassistant/recorder.py: the part of Home Assistant that keeps statistics. What was written survives its
/// death.
class HomeAssistant {
 public:
  /// Listens when this returns; throws when it cannot be started.
  explicit HomeAssistant(HomeAssistantOptions options = {});

  /// Of an administrator, and nowhere else: no text holds it by chance.
  static constexpr const char* kToken = "long-lived-attic-9-lantern";

  std::uint16_t port() const { return port_; }
  std::string url() const;
  /// Dies: what is queued is lost.
  void kill();
  /// Comes back on the same port, perhaps as another version.
  void start(const std::string& version = {});
  ChildProcess& process() { return *process_; }

  StatisticRows rows(const std::string& id) const;
  /// The names by id.
  std::map<std::string, std::string> names() const;
  /// How often since its start: "connections", "sign-ins refused", "refused", "rows", "recorder/import_statistics" ...
  long count(const std::string& what) const;
  /// The hours that begin between two times are lost.
  void lose(std::chrono::sys_seconds from, std::chrono::sys_seconds until) const;
  /// Nothing that is queued is written.
  void hold(bool on) const;

 private:
  std::string ask(const std::string& path) const;
  bool try_start();

  HomeAssistantOptions options_;
  TempDir folder_;
  std::uint16_t port_ = 0;
  std::uint16_t control_port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace emporia::support
