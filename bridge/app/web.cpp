#include "app/web.hpp"

#include "json/value.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "settings/endpoint.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;

// A look every few seconds; a commit of a fleet's energy may take some, too.
constexpr auto kStuckAfter = 60s;
constexpr const char* kJson = "application/json";

http::Answer not_yet(int status, const char* why) {
  return {status, kJson,
          json::to_text(json::Object{{"status", "failing"},
                                     {"problems", json::Array{json::Object{{"part", "bridge"}, {"text", why}}}}}) +
              "\n"};
}

}  // namespace

http::ServerOptions server_options(const settings::Settings& settings) {
  const auto listen = settings::parse_listen(settings.http.listen);
  if (!listen) throw http::CannotListen("[http] listen is no address and port: " + settings.http.listen);
  return {listen->host, listen->port, settings::is_loopback(listen->host)};
}

http::Answer health_answer(const HealthBoard& board, runtime::SteadyTime now) {
  constexpr int kUnavailable = 503;
  const auto snapshot = board.newest();
  if (!snapshot) return not_yet(kUnavailable, "starting");
  if (now - snapshot->at > kStuckAfter) {
    return not_yet(kUnavailable, "has not looked at itself for a minute: it is stuck, or stopping; see its log");
  }
  return {snapshot->ok ? 200 : kUnavailable, kJson, snapshot->json + "\n"};
}

Web::Web(const settings::Settings& settings, partner::Gateway& gateway, ledger::UsageLedger& ledger, const Clock& clock)
    : gateway_(gateway, registry_, clock),
      ledger_(ledger, registry_, clock),
      vitals_(registry_, board_, ledger, clock()),
      server_(server_options(settings),
              {{"/metrics",
                [this] {
                  return http::Answer{200, "text/plain; version=0.0.4; charset=utf-8", registry_.text()};
                }},
               {"/health", [this, clock] { return health_answer(board_, clock().steady); }}}) {
  runtime::log_info(
      "http",
      runtime::concat("http://", settings.http.listen, "/metrics and /health are served",
                      server_options(settings).local_names_only ? "" : " to everybody who reaches this machine"));
}

Parts Web::instead_of(const Parts& parts) {
  return {gateway_, parts.journal,         parts.link,     ledger_,     parts.drafts, parts.ledger_set_aside,
          &vitals_, parts.look_at_service, parts.recorder, parts.hours, parts.lease};
}

void Web::passing(const Event& event) {
  if (const auto* reply = std::get_if<partner::Reply>(&event)) gateway_.replied(*reply);
}

}  // namespace emporia::app
