#include "mqtt/libraries.hpp"

#include <MQTTAsync.h>
#include <openssl/crypto.h>
#include <string_view>

namespace emporia::mqtt {

runtime::Libraries libraries() {
  std::string paho = "unknown";
  for (const MQTTAsync_nameValue* fact = ::MQTTAsync_getVersionInfo(); fact != nullptr && fact->name != nullptr;
       ++fact) {
    if (std::string_view(fact->name) == "Version") paho = fact->value;
  }
  return {{"Paho MQTT C", paho}, {"OpenSSL", ::OpenSSL_version(OPENSSL_VERSION_STRING)}};
}

}  // namespace emporia::mqtt
