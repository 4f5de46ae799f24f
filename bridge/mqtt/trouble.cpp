#include "mqtt/trouble.hpp"

#include <cstdio>
#include <iterator>

#include "runtime/text.hpp"

namespace emporia::mqtt {
namespace {

using runtime::concat;

struct Meaning {
  int code;
  const char* words;
  bool refused;
};

constexpr const char* kCheckPassword = "the broker refused user name or password: check [mqtt] username and password";
constexpr const char* kCheckId = "the broker refused the client id: check [mqtt] client_id";
constexpr const char* kCheckRights = "the broker does not let this user or client in: check its access rules";
constexpr const char* kBusy = "the broker is not available at the moment";
constexpr const char* kTooOld = "the broker does not speak this version of MQTT: try [mqtt] version = 3";

constexpr Meaning kRefusals[] = {
    {1, "the broker does not speak MQTT 3.1.1: try [mqtt] version = 5", true},
    {2, kCheckId, true},
    {3, kBusy, false},
    {4, kCheckPassword, true},
    {5, kCheckPassword, true},
    {0x84, kTooOld, true},
    {0x85, kCheckId, true},
    {0x86, kCheckPassword, true},
    {0x87, kCheckPassword, true},
    {0x88, kBusy, false},
    {0x89, kBusy, false},
    {0x8A, "the broker has banned this client", true},
    {0x8C, "the broker wants another way of signing in than a password", true},
    {0x90, "the broker refused the topic of the will: check its access rules for <base>/bridge/state", true},
    {0x95, "the broker found the first packet too large: the will or the password is too long for it", true},
    {0x97, "the broker's quota is used up", false},
    {0x9A, "the broker does not keep retained messages, which Home Assistant needs", true},
    {0x9B, "the broker does not take QoS 1", true},
    {0x9C, "the broker wants this client to use another server", true},
    {0x9D, "the broker has moved to another server", true},
    {0x9F, "the broker refuses so many connections: it limits how often a client may come", true},
};

constexpr Meaning kGoodbyes[] = {
    {0x87, kCheckRights, true},
    {0x89, kBusy, false},
    {0x8B, "the broker is shutting down", false},
    {0x8D, "the broker heard nothing from the bridge for too long", false},
    {0x8E, "another client took over the client id: give each its own [mqtt] client_id", true},
    {0x93, "the broker found too many unacknowledged messages", false},
    {0x95, "the broker found a message too large: raise its limit for packets", false},
    {0x97, "the broker's quota is used up", false},
    {0x98, "the broker's operator ended the connection", false},
};

template <std::size_t Count>
LinkDown explain(const Meaning (&meanings)[Count], int code, const char* otherwise) {
  LinkDown down;
  for (const Meaning& meaning : meanings) {
    if (meaning.code != code) continue;
    down.reason = meaning.words;
    down.refused = meaning.refused;
    return down;
  }
  down.reason = concat(otherwise, " (reason code ", code, ")");
  return down;
}

}  // namespace

std::string host_and_port(const LinkOptions& options) {
  const bool bare_ipv6 = options.host.find(':') != std::string::npos && options.host.front() != '[';
  return bare_ipv6 ? concat("[", options.host, "]:", options.port) : concat(options.host, ":", options.port);
}

LinkDown explain_refusal(int code, const LinkOptions& options) {
  LinkDown down = explain(kRefusals, code, "the broker refused the connection");
  down.reason += concat(" (", host_and_port(options), ")");
  return down;
}

LinkDown explain_disconnect(int code, const LinkOptions& options) {
  LinkDown down = explain(kGoodbyes, code, "the broker ended the connection");
  constexpr int kTakenOver = 0x8E;
  if (code == kTakenOver) down.reason += concat(" (this one has ", options.client_id, ")");
  return down;
}

}  // namespace emporia::mqtt
