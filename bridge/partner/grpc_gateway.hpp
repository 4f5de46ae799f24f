#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "partner/gateway.hpp"

namespace emporia::partner {

struct GatewayOptions {
  /// host:port
  std::string endpoint = "partner.emporiaenergy.com:50052";
  /// PEM text of the authorities to trust; empty: the system's.
  std::string ca_pem;
  /// The name the certificate must carry; empty: the endpoint's host.
  std::string tls_server_name;
  /// Without TLS. The settings allow it to a loopback endpoint only.
  bool plaintext = false;
  std::chrono::seconds timeout{15};
  /// For GetUsageData, whose replies can be large.
  std::chrono::seconds usage_timeout{45};
};

/// The Partner API over gRPC. One thread of its own waits for replies, decodes and translates them, and posts the
/// result; the loop never sees a wire type. The library's own retries are off, because every attempt counts against
/// the hourly budget. Where the service has not been reached for some calls in a row, it is connected to anew, its name
/// looked up again.
class GrpcGateway final : public Gateway {
 public:
  GrpcGateway(const GatewayOptions& options, ReplySink sink);
  /// Cancels what is under way; their replies are not posted any more.
  ~GrpcGateway() override;
  void send(AttemptId attempt, const std::string& token, const Request& request) override;

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace emporia::partner
