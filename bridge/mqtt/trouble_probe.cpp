// The second look at a broker that could not be connected to. See trouble.hpp.
#include "mqtt/server_look.hpp"
#include "runtime/text.hpp"

namespace emporia::mqtt {

LinkDown explain_no_connection(const LinkOptions& options, GiveUp give_up) {
  const Look look = look_at(options, Server{}, give_up);
  if (look.stage != Look::Stage::through) return look.why;
  const std::string where = host_and_port(options);
  if (options.tls) {
    return {runtime::concat("TLS with ", where, " works, but what answers there is not MQTT, or too slow"), false};
  }
  return {
      runtime::concat("something listens at ", where,
                      " but does not answer to MQTT: is this the broker's port, and does it want TLS ([mqtt] tls)?"),
      false};
}

}  // namespace emporia::mqtt
