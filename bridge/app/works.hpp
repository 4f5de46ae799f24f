#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/bridge.hpp"
#include "app/fenced.hpp"
#include "app/service_look.hpp"
#include "app/stored.hpp"
#include "app/web.hpp"
#include "ledger/store.hpp"
#include "mqtt/paho_link.hpp"
#include "partner/grpc_gateway.hpp"
#include "recorder/websocket.hpp"
#include "runtime/inbox.hpp"

namespace emporia::app {

/// The real parts (gRPC, MQTT, the ledger's file) and the bridge that works with them. What its threads post after it
/// is gone is nothing: it waits for them.
class Works {
 public:
  /// `term`: of one that others stand by for, else nullptr; it outlives this. `opened` is called when the ledger's file
  /// is open. Throws CannotStart.
  Works(const settings::Settings& settings, const std::string& directory, runtime::Inbox<Event>& inbox, Term* term,
        const std::function<void()>& opened);

  Bridge& bridge() { return *bridge_; }
  const Bridge& bridge() const { return *bridge_; }
  /// Told each event before the bridge is; nullptr without HTTP.
  Web* web() { return web_ ? &*web_ : nullptr; }
  /// At the end of every turn.
  void turned() {
    if (fenced_) fenced_->gateway.on_time();
  }

 private:
  struct Fenced {
    FencedJournal journal;
    FencedGateway gateway;
    FencedLink link;
  };
  ledger::Store store_;
  StoredCalls journal_;
  StoredDrafts drafts_;
  std::optional<partner::GrpcGateway> gateway_;
  std::optional<mqtt::PahoLink> link_;
  std::optional<Fenced> fenced_;
  std::optional<Web> web_;
  std::optional<ServiceLook> service_look_;
  std::optional<recorder::WebSocket> recorder_;
  std::optional<Bridge> bridge_;
};

}  // namespace emporia::app
