#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mqtt/link.hpp"

namespace emporia::mqtt {

/// A Link over the Paho library. A clean start always, no reconnecting and no queue of the library's: see Link.
///
/// Paho says of a failed connection hardly more than that it failed; the reason is then found out by a second look at
/// the broker (see trouble.hpp), on a thread of its own and within a few seconds, before LinkDown is posted.
class PahoLink : public Link {
 public:
  /// Throws std::runtime_error when the library cannot make a client of these options, std::system_error when there is
  /// no thread to be had. `sink` is called on the library's threads and on the one that hands messages over, one call
  /// at a time, and must not call the link.
  PahoLink(LinkOptions options, LinkSink sink);
  /// No event is posted once this has begun.
  ~PahoLink() override;
  PahoLink(const PahoLink&) = delete;
  PahoLink& operator=(const PahoLink&) = delete;

  void connect() override;
  void disconnect() override;
  void subscribe(const std::vector<Subscription>& subscriptions) override;
  void unsubscribe(const std::vector<std::string>& filters) override;
  void send(Ticket ticket, const Message& message) override;

 private:
  class Client;
  std::unique_ptr<Client> client_;
};

}  // namespace emporia::mqtt
