#include "app/works.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "app/cannot_start.hpp"
#include "app/daemon.hpp"
#include "app/version.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

ledger::Store open_ledger(const std::string& path, std::chrono::hours kept) try {
  return ledger::Store(path, kept);
} catch (const std::exception& error) {
  throw CannotStart(ExitCode::state_unusable, error.what());
}

void serve(std::optional<Web>& web, const settings::Settings& settings, partner::Gateway& gateway,
           ledger::UsageLedger& ledger) try {
  web.emplace(settings, gateway, ledger, runtime::read_clock);
} catch (const http::CannotListen& error) {
  throw CannotStart(ExitCode::configuration, error.what());
}

void open_recorder(std::optional<recorder::WebSocket>& recorder, const settings::Statistics& settings,
                   runtime::Inbox<Event>& inbox) try {
  recorder.emplace(recorder_options(settings), [&inbox](recorder::SocketEvent event) { inbox.post(std::move(event)); });
} catch (const std::runtime_error& error) {
  throw CannotStart(ExitCode::configuration, error.what());
}

}  // namespace

Works::Works(const settings::Settings& settings, const std::string& directory, runtime::Inbox<Event>& inbox, Term* term,
             const std::function<void()>& opened)
    : store_(open_ledger(directory + "/ledger.sqlite", std::chrono::hours{24} * settings.ledger.keep_days)),
      journal_(store_),
      drafts_(store_) {
  opened();
  gateway_.emplace(gateway_options(settings.partner), [&inbox](partner::Reply reply) { inbox.post(std::move(reply)); });
  link_.emplace(link_options(settings), [&inbox](mqtt::LinkEvent event) { inbox.post(std::move(event)); });
  runtime::log_info("bridge",
                    runtime::concat("emporia2mqtt ", kVersion, " starts: ", settings.partner.endpoint, " to mqtt://",
                                    settings.mqtt.host, ":", settings.mqtt.port, "/", settings.mqtt.base_topic));
  if (term != nullptr) fenced_.emplace(Fenced{{*term, journal_}, {*term, *gateway_}, {*term, *link_}});
  partner::Gateway& gateway = fenced_ ? static_cast<partner::Gateway&>(fenced_->gateway) : *gateway_;
  if (settings.http.enabled) serve(web_, settings, gateway, store_);
  service_look_.emplace(settings.partner, [&inbox](DistrustExplained found) { inbox.post(std::move(found)); });
  if (settings.statistics.enabled) open_recorder(recorder_, settings.statistics, inbox);
  partner::CallJournal& journal = fenced_ ? static_cast<partner::CallJournal&>(fenced_->journal) : journal_;
  mqtt::Link& link = fenced_ ? static_cast<mqtt::Link&>(fenced_->link) : *link_;
  Parts parts{gateway, journal, link, store_, drafts_, store_.set_aside()};
  parts.recorder = recorder_ ? &*recorder_ : nullptr;
  parts.hours = &store_;
  parts.look_at_service = [this] { service_look_->begin(); };
  if (term != nullptr) parts.lease = &term->lease();
  bridge_.emplace(web_ ? web_->instead_of(parts) : parts, settings, runtime::read_clock());
}

}  // namespace emporia::app
