// Connects with a will and stays, to be killed: link_victim PORT VERSION.
#include <cstdlib>
#include <unistd.h>

#include "mqtt/paho_link.hpp"

int main(int argc, char** argv) {
  constexpr int kArguments = 3;
  if (argc != kArguments) return EXIT_FAILURE;
  emporia::mqtt::LinkOptions options;
  options.host = "127.0.0.1";
  options.port = static_cast<std::uint16_t>(std::strtol(argv[1], nullptr, 10));
  options.version = static_cast<int>(std::strtol(argv[2], nullptr, 10));
  options.client_id = "bridge";
  options.will.topic = "emporia/bridge/state";
  options.will.payload = "offline";
  emporia::mqtt::PahoLink link(options, [](const emporia::mqtt::LinkEvent&) {});
  link.connect();
  for (;;) ::pause();
}
