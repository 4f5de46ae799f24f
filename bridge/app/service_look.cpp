#include "app/service_look.hpp"

#include <exception>
#include <fcntl.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "settings/endpoint.hpp"

namespace emporia::app {

mqtt::Look look_at_service(const settings::Partner& partner, mqtt::GiveUp give_up) {
  const auto endpoint = settings::parse_endpoint(partner.endpoint);
  if (!endpoint) return {mqtt::Look::Stage::name, {"not host:port: set [partner] endpoint", true}};
  mqtt::LinkOptions options;
  options.host = endpoint->host;
  options.port = static_cast<std::uint16_t>(endpoint->port);
  options.tls = !partner.plaintext;
  options.ca_file = partner.ca_file;
  mqtt::Server server;
  server.who = "the service";
  server.host_setting = "[partner] endpoint";
  server.ca_setting = "[partner] ca_file";
  server.name_setting = "[partner] endpoint or tls_server_name";
  server.no_tls = "does [partner] endpoint name the service's port (mostly 50052)?";
  server.expired = "check this machine's date; when that is right, the service's operator has to renew it";
  server.wants_certificate = "check [partner] endpoint: the service asks for none";
  server.certificate_name = partner.tls_server_name;
  return mqtt::look_at(options, server, give_up);
}

ServiceLook::ServiceLook(settings::Partner partner, std::function<void(DistrustExplained)> found)
    : partner_(std::move(partner)), found_(std::move(found)) {
  if (::pipe2(give_up_, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made for looking at the service");
}

ServiceLook::~ServiceLook() {
  ::close(give_up_[1]);
  if (thread_.joinable()) thread_.join();
  ::close(give_up_[0]);
}

void ServiceLook::begin() {
  if (under_way_.exchange(true)) return;
  if (thread_.joinable()) thread_.join();
  try {
    thread_ = std::thread([this] {
      try {
        const mqtt::Look look = look_at_service(partner_, mqtt::GiveUp{give_up_[0]});
        // What is wrong with the way there is told by the next call; this is about the certificate.
        if (look.stage == mqtt::Look::Stage::tls) found_({look.why.reason});
      } catch (const std::exception& failure) {
        runtime::log_debug("partner", runtime::concat("no closer look at the service: ", failure.what()));
      }
      under_way_ = false;
    });
  } catch (const std::system_error& failure) {
    under_way_ = false;
    runtime::log_debug("partner", runtime::concat("no closer look at the service: ", failure.what()));
  }
}

}  // namespace emporia::app
