#include <doctest/doctest.h>
#include <vector>

#include "support/payload_check.hpp"

using namespace emporia;

namespace {

struct Message {
  const char* topic;
  const char* payload;
};

}  // namespace

TEST_CASE("what may be asked for and commanded keeps to its schema") {
  const std::vector<Message> right{
      {"emporia/B1/set", R"({"on":true})"},
      {"emporia/B1/set", R"({"on":"OFF","id":"scene 4"})"},
      {"emporia/B1/set", R"({"on":1,"timeout_s":5})"},
      {"emporia/D1/set", R"({"on":true,"charge_rate_a":16})"},
      {"emporia/D1/set", R"({"charge_rate_a":"16"})"},
      {"emporia/S1/set", R"({"dispatch_mode":"Idle","reserve_soc_pct":20.5,"id":7})"},
      {"emporia/S1/set", R"({"dispatch_mode":"charge_to_state_of_charge","target_soc_pct":90,"charge_power_kw":2.5})"},
      {"emporia/bridge/request/refresh", ""},
      {"emporia/bridge/request/health", R"({"transaction":"t"})"},
      {"emporia/bridge/request/usage", R"({"device":"House","from":1795420800})"},
      {"emporia/bridge/request/usage",
       R"({"device":"House","scale":"years","from":"2020-01-01","to":"2026-01-01T00:00:00+01:00","channels":[1,2]})"},
      {"emporia/B1/set/on", "OFF"},
      {"emporia/B1/availability", "offline"},
  };
  support::PayloadCheck check;
  for (const Message& message : right) check.add(message.topic, message.payload);
  const std::string wrong = check.wrong("emporia");
  CHECK_MESSAGE(wrong.empty(), wrong);
}

TEST_CASE("the schemas find what is wrong") {
  const std::vector<Message> wrong{
      {"emporia/bridge/nonsense", "{}"},
      {"emporia/B1/availability", "maybe"},
      {"emporia/bridge/state", R"("online")"},
      {"emporia/B1/set", "{}"},
      {"emporia/B1/set", R"({"id":7})"},
      {"emporia/B1/set", R"({"om":true})"},
      {"emporia/B1/set", R"({"on":"perhaps"})"},
      {"emporia/D1/set", R"({"charge_rate_a":16.4})"},
      {"emporia/D1/set", R"({"charge_rate_a":5})"},
      {"emporia/bridge/request/health", R"({"all":true})"},
      {"emporia/bridge/request/usage", ""},
      {"emporia/bridge/request/usage", R"({"device":"House"})"},
      {"emporia/bridge/request/usage", R"({"device":"House","from":1795420800,"scale":"minute"})"},
      {"emporia/bridge/request/usage", R"({"device":"House","from":1795420800,"channels":[]})"},
      {"emporia/bridge/response/usage", R"({"status":"ok","data":null,"error":null,"transaction":null})"},
      {"emporia/bridge/response/refresh", R"({"status":"error","data":null,"error":null,"transaction":null})"},
      {"emporia/bridge/response/refresh", R"({"status":"error","data":null,"error":"no"})"},
      {"emporia/B1/state",
       R"({"as_of":null,"connected":true,"exact_kwh":{},"on":true,"power_w":null,"energy_kwh":null,"more":1})"},
      {"emporia/B1/state", R"({"as_of":null,"connected":true,"exact_kwh":{},"on":true,"power_w":null})"},
      {"emporia/B1/state",
       R"({"as_of":"2026-11-23 08:00","connected":true,"exact_kwh":{},"on":true,"power_w":null,"energy_kwh":null})"},
      {"emporia/B1/usage", R"({"scale":"minutes","revised":false,"starts":[],"energy_wh":{}})"},
      {"emporia/bridge/event", R"({"event_type":"party","at":"2026-11-23T08:00:00Z"})"},
      {"emporia/bridge/event", R"({"event_type":"service_restored"})"},
      {"emporia/B1/result", R"({"id":null,"device":"B1","settings":{},"status":"done","error":null,"note":null})"},
      {"emporia/bridge/health", "not JSON"},
      {"emporia/bridge/info", R"({"name":"emporia2mqtt","version":"1","started":NaN,"configuration":""})"},
      {"other/topic", "{}"},  // nothing below the base: nothing was checked
  };
  for (const Message& message : wrong) {
    support::PayloadCheck check;
    check.add(message.topic, message.payload);
    CAPTURE(message.topic);
    CAPTURE(message.payload);
    CHECK_FALSE(check.wrong("emporia").empty());
  }
}
