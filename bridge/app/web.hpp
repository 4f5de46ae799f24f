#pragma once

#include "app/bridge.hpp"
#include "app/event.hpp"
#include "app/metered.hpp"
#include "app/vitals.hpp"
#include "http/server.hpp"
#include "ledger/usage_ledger.hpp"
#include "partner/gateway.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// Where [http] wants to listen; throws http::CannotListen where that is no address and port.
http::ServerOptions server_options(const settings::Settings& settings);

/// /health as of `now`: what the newest snapshot says, unless it is so old that the loop must be stuck. Any thread may
/// call.
http::Answer health_answer(const HealthBoard& board, runtime::SteadyTime now);

/// All there is of HTTP: the metrics, what fills them, and the server. The server's threads read the registry, which
/// any thread may, and the newest snapshot of the health; nothing of the loop's. Made only when HTTP is on.
class Web {
 public:
  /// Listens when this returns; throws http::CannotListen.
  Web(const settings::Settings& settings, partner::Gateway& gateway, ledger::UsageLedger& ledger, const Clock& clock);

  /// The parts with what measures them between them and the bridge; to be used in their place, while this lives.
  Parts instead_of(const Parts& parts);
  /// To be told each event before the bridge is.
  void passing(const Event& event);

 private:
  metrics::Registry registry_;
  HealthBoard board_;
  MeteredGateway gateway_;
  MeteredLedger ledger_;
  Vitals vitals_;
  http::Server server_;
};

}  // namespace emporia::app
