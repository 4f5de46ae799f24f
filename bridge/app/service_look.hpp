#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "app/event.hpp"
#include "mqtt/server_look.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// Looks up the service's name, connects, and checks its certificate, with the settings of [partner]; makes no call.
/// Blocks for some seconds at most, apart from the look-up of the name; for a thread that may wait.
mqtt::Look look_at_service(const settings::Partner& partner, mqtt::GiveUp give_up);

/// The same on a thread of its own, so that the loop need not wait. The loop's thread owns it.
class ServiceLook {
 public:
  /// `found` is called on the other thread when something was found to be wrong.
  ServiceLook(settings::Partner partner, std::function<void(DistrustExplained)> found);
  /// Gives up a look under way.
  ~ServiceLook();
  ServiceLook(const ServiceLook&) = delete;
  ServiceLook& operator=(const ServiceLook&) = delete;

  /// Begins a look; does nothing while one is under way.
  void begin();

 private:
  const settings::Partner partner_;
  const std::function<void(DistrustExplained)> found_;
  std::atomic<bool> under_way_{false};
  /// Closing the writing end gives up.
  int give_up_[2] = {-1, -1};
  std::thread thread_;
};

}  // namespace emporia::app
