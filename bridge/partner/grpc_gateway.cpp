#include "partner/grpc_gateway.hpp"

#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <set>
#include <thread>
#include <utility>

#include "partner/grpc_status.hpp"
#include "partner/translate.hpp"
#include "partner_api2.grpc.pb.h"
#include "runtime/log.hpp"
#include "runtime/mutex.hpp"

namespace emporia::partner {
namespace {

using Stub = wire::PartnerApi::Stub;

// Ten thousand monitors with 19 circuits are an inventory of 11 MB; usage is asked for in portions far below this.
constexpr int kLargestReplyBytes = 64 * 1024 * 1024;
// After so many calls in a row that did not get through, the channel is replaced: gRPC 1.51 was seen not to try to
// connect any more, for weeks of a fast clock, after an outage with handshakes that timed out.
constexpr unsigned kUnreachedBeforeNewChannel = 10;

/// One attempt under way. Owned by the completion queue: it comes back once, and is deleted then.
class Call {
 public:
  virtual ~Call() = default;
  /// Decodes and translates; runs on the gateway's thread.
  virtual Reply finish() = 0;
  /// Whether the service has had a say in how it ended.
  virtual bool reached() const = 0;
  void cancel() { context_.TryCancel(); }

 protected:
  grpc::ClientContext context_;
};

/// Response is the wire type, Read turns it into an answer.
template <typename Response, typename Read>
class TypedCall final : public Call {
 public:
  TypedCall(AttemptId attempt, std::string secret, bool signing_in, Read read)
      : attempt_(attempt),
        secret_(std::move(secret)),
        signing_in_(signing_in),
        read_(std::move(read)),
        response_(google::protobuf::Arena::CreateMessage<Response>(&arena_)) {}

  template <typename Message>
  void start(Stub& stub, grpc::CompletionQueue& queue, std::chrono::seconds timeout, const Message& request,
             std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                                        const Message&,
                                                                                        grpc::CompletionQueue*)) {
    context_.set_deadline(
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(timeout.count(), GPR_TIMESPAN)));
    reader_ = (stub.*method)(&context_, request, &queue);
    reader_->StartCall();
    reader_->Finish(response_, &status_, static_cast<Call*>(this));
  }

  Reply finish() override {
    if (!status_.ok()) return {attempt_, runtime::Failure{error_from(status_, secret_, signing_in_)}, {}};
    Oddities oddities;
    Answer answer = read_(*response_, oddities);
    return {attempt_, std::move(answer), std::move(oddities)};
  }
  bool reached() const override {
    return status_.error_code() != grpc::StatusCode::UNAVAILABLE &&
           status_.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED;
  }

 private:
  AttemptId attempt_;
  std::string secret_;
  bool signing_in_;
  Read read_;
  google::protobuf::Arena arena_;
  Response* response_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader_;
};

grpc::ChannelArguments channel_arguments(const GatewayOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kLargestReplyBytes);
  // Transparent retries would be calls that nobody counted.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Pings notice a dead link while a call waits; idle ones would make the service hang up.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  // When to try again is the loop's decision; the channel must not still be pausing by then.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 500);
  // How long connecting may take, TLS included: who gives calls more time for a slow network gives it that as well.
  const auto connect_within = std::chrono::milliseconds(options.timeout) * 2 / 3;
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, static_cast<int>(connect_within.count()));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // Nobody here looks at the library's own diary of each channel and connection, which it keeps in memory.
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_MAX_CHANNEL_TRACE_EVENT_MEMORY_PER_NODE, 0);
  // A new channel must not take over what the one before it is stuck in.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!options.tls_server_name.empty()) arguments.SetSslTargetNameOverride(options.tls_server_name);
  return arguments;
}

/// The library would write lines of its own to standard error at each failed handshake; the error of the call tells it.
void note_library(gpr_log_func_args* said) {
  runtime::log_debug("partner", said->message);
}

/// So would this one, at each text of a reply that is not UTF-8.
void note_protobuf(google::protobuf::LogLevel, const char*, int, const std::string& said) {
  runtime::log_debug("partner", said);
}

/// With a channel of its own.
std::unique_ptr<Stub> make_stub(const GatewayOptions& options) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.ca_pem;
  const auto credentials = options.plaintext ? grpc::InsecureChannelCredentials() : grpc::SslCredentials(tls);
  return wire::PartnerApi::NewStub(
      grpc::CreateCustomChannel(options.endpoint, credentials, channel_arguments(options)));
}

template <typename Request>
bool names_nobody(const Request& request) {
  if constexpr (requires { request.updates; }) {
    return request.updates.empty();
  } else {
    return request.devices.empty();
  }
}

}  // namespace

class GrpcGateway::Connection {
 public:
  Connection(const GatewayOptions& options, ReplySink sink) : options_(options), sink_(std::move(sink)) {
    gpr_set_log_function(note_library);
    google::protobuf::SetLogHandler(note_protobuf);
    stub_ = make_stub(options_);
    thread_ = std::thread([this] { deliver(); });
  }

  ~Connection() {
    {
      const runtime::Lock lock(mutex_);
      closing_ = true;
      for (Call* call : under_way_) call->cancel();
    }
    queue_.Shutdown();
    thread_.join();
  }

  void start(AttemptId attempt, const std::string& token, const SignIn& request) {
    start_call(attempt, request.password, true, options_.timeout, to_wire(request), &Stub::PrepareAsyncAuthenticate,
               [](const wire::AuthenticationResponse& reply, Oddities&) { return Token{reply.auth_token()}; });
    static_cast<void>(token);
  }
  void start(AttemptId attempt, const std::string& token, const ListDevices& request) {
    start_call(attempt, token, false, options_.usage_timeout, to_wire(request, token), &Stub::PrepareAsyncGetDevices,
               [](const wire::DeviceInventoryResponse& reply, Oddities& odd) { return from_wire(reply, odd); });
  }
  void start(AttemptId attempt, const std::string& token, const FetchUsage& request) {
    if (names_nobody(request)) return refuse_empty(attempt);
    start_call(
        attempt, token, false, options_.usage_timeout, to_wire(request, token), &Stub::PrepareAsyncGetUsageData,
        [request](const wire::DeviceUsageResponse& reply, Oddities& odd) { return from_wire(reply, request, odd); });
  }
  void start(AttemptId attempt, const std::string& token, const ListStates& request) {
    if (names_nobody(request)) return refuse_empty(attempt);
    const auto message = to_wire(request, token);
    switch (request.kind) {
      case StateKind::outlets:
        return start_states(attempt, token, message, &Stub::PrepareAsyncListOutlets);
      case StateKind::ev_chargers:
        return start_states(attempt, token, message, &Stub::PrepareAsyncListEVChargers);
      case StateKind::batteries:
        return start_states(attempt, token, message, &Stub::PrepareAsyncListBatteries);
      case StateKind::utility_connects:
        return start_states(attempt, token, message, &Stub::PrepareAsyncListUtilityConnects);
    }
  }
  void start(AttemptId attempt, const std::string& token, const UpdateOutlets& request) {
    if (names_nobody(request)) return refuse_empty(attempt);
    start_states(attempt, token, to_wire(request, token), &Stub::PrepareAsyncUpdateOutlets);
  }
  void start(AttemptId attempt, const std::string& token, const UpdateChargers& request) {
    if (names_nobody(request)) return refuse_empty(attempt);
    start_states(attempt, token, to_wire(request, token), &Stub::PrepareAsyncUpdateEVChargers);
  }
  void start(AttemptId attempt, const std::string& token, const UpdateBatteries& request) {
    if (names_nobody(request)) return refuse_empty(attempt);
    start_states(attempt, token, to_wire(request, token), &Stub::PrepareAsyncUpdateBatteries);
  }

 private:
  template <typename Message, typename Response, typename Read>
  void start_call(AttemptId attempt, const std::string& secret, bool signing_in, std::chrono::seconds timeout,
                  const Message& message,
                  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                                             const Message&,
                                                                                             grpc::CompletionQueue*),
                  Read read) {
    auto call = std::make_unique<TypedCall<Response, Read>>(attempt, secret, signing_in, std::move(read));
    const runtime::Lock lock(mutex_);
    under_way_.insert(call.get());
    call->start(*stub_, queue_, timeout, message, method);
    static_cast<void>(call.release());  // comes back through the queue
  }

  template <typename Message, typename Response>
  void start_states(AttemptId attempt, const std::string& token, const Message& message,
                    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*method)(
                        grpc::ClientContext*, const Message&, grpc::CompletionQueue*)) {
    start_call(attempt, token, false, options_.timeout, message, method,
               [](const Response& reply, Oddities& odd) { return from_wire(reply, odd); });
  }

  void refuse_empty(AttemptId attempt) {
    sink_({attempt, runtime::Failure{PartnerError{PartnerError::Kind::refused, "no device named", false}}, {}});
  }

  /// The gateway's thread.
  void deliver() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      bool wanted = false;
      {
        const runtime::Lock lock(mutex_);
        under_way_.erase(call.get());
        wanted = !closing_;
        if (wanted) note_reached(call->reached());
      }
      if (wanted) sink_(call->finish());
    }
  }

  void note_reached(bool reached) E2M_REQUIRES(mutex_) {
    unreached_ = reached ? 0 : unreached_ + 1;
    if (unreached_ < kUnreachedBeforeNewChannel) return;
    unreached_ = 0;
    runtime::log_debug("partner", "the service is not reached: connects anew");
    // Calls that are under way keep theirs.
    stub_ = make_stub(options_);
  }

  GatewayOptions options_;
  ReplySink sink_;
  grpc::CompletionQueue queue_;
  // Guards what both threads touch: the channel, and the calls under way, so that closing can cancel them.
  runtime::Mutex mutex_;
  std::unique_ptr<Stub> stub_ E2M_GUARDED_BY(mutex_);
  /// Calls in a row.
  unsigned unreached_ E2M_GUARDED_BY(mutex_) = 0;
  std::set<Call*> under_way_ E2M_GUARDED_BY(mutex_);
  bool closing_ E2M_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

GrpcGateway::GrpcGateway(const GatewayOptions& options, ReplySink sink)
    : connection_(std::make_unique<Connection>(options, std::move(sink))) {}

GrpcGateway::~GrpcGateway() = default;

void GrpcGateway::send(AttemptId attempt, const std::string& token, const Request& request) {
  std::visit([&](const auto& typed) { connection_->start(attempt, token, typed); }, request);
}

}  // namespace emporia::partner
