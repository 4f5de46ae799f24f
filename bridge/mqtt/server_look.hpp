#pragma once

#include <string>

#include "mqtt/link.hpp"
#include "mqtt/trouble.hpp"

namespace emporia::mqtt {

/// A server to look at, as its settings are called in words. The broker's unless said otherwise; a server that speaks
/// something else than MQTT can be looked at as well, which is done in this room because it has the TLS library.
struct Server {
  std::string who = "the broker";
  std::string host_setting = "[mqtt] host";
  std::string ca_setting = "[mqtt] ca_file";
  /// What to set when the certificate is for another name.
  std::string name_setting = "[mqtt] host";
  /// What to ask when there is no TLS.
  std::string no_tls = "is this the broker's TLS port (mostly 8883), or should [mqtt] tls be false?";
  /// What to do when its certificate has expired, and when it asks for one of ours that it does not get.
  std::string expired = "renew it there";
  std::string wants_certificate = "set [mqtt] certificate_file and key_file";
  /// The name the certificate must carry; empty: the host.
  std::string certificate_name;
};

/// How far a look came: where it stopped, or that it went through.
struct Look {
  enum class Stage { name, port, tls, through };
  Stage stage = Stage::name;
  /// Why it stopped, with what to do.
  LinkDown why;
};

/// Looks up the name, connects, and with `options.tls` shakes hands and checks the certificate; says nothing over the
/// connection. Blocks for some seconds at most, apart from the look-up of the name; for a thread that may wait.
Look look_at(const LinkOptions& options, const Server& server, GiveUp give_up);

}  // namespace emporia::mqtt
