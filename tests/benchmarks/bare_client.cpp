// What the bridge's memory at home is held against: one TLS channel to the service, used once, and one connection to a
// broker, both open and idle. Nothing else; whoever talks to both by these libraries has at least this.
//
//   bare_client SERVICE CA_FILE BROKER_PORT
#include <fstream>
#include <grpcpp/grpcpp.h>
#include <iostream>
#include <iterator>
#include <mqtt/async_client.h>
#include <signal.h>

#include "partner_api2.grpc.pb.h"

namespace api = emporiaenergy::partner_api_2;

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error("bare_client SERVICE CA_FILE BROKER_PORT");
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  std::ifstream file(argv[2], std::ios::binary);
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
  const auto channel = grpc::CreateChannel(argv[1], grpc::SslCredentials(tls));
  const auto stub = api::PartnerApi::NewStub(channel);
  api::AuthenticationRequest request;
  request.set_partner_email("partner@example.com");
  request.set_password("simulated");
  api::AuthenticationResponse reply;
  grpc::ClientContext context;
  const grpc::Status status = stub->Authenticate(&context, request, &reply);
  if (!status.ok()) throw std::runtime_error("no token: " + status.error_message());

  mqtt::async_client client(std::string("tcp://127.0.0.1:") + argv[3], "bare", mqtt::create_options(MQTTVERSION_5));
  mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  client.connect(options)->wait();
  std::cout << "ready" << std::endl;
  int received = 0;
  sigwait(&signals, &received);
  client.disconnect()->wait();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "bare_client: " << error.what() << "\n";
  return 1;
}
