#include "support/certificates.hpp"
#include "wire/partner/asking.hpp"

using namespace emporia;
using namespace emporia::partner;
using Kind = PartnerError::Kind;

namespace {

const SignIn kSignIn{"partner@example.com", "simulated"};

std::string port_of(const simulator::Simulator& service) {
  return std::to_string(service.port());
}

}  // namespace

TEST_CASE("a certificate of another authority is not trusted, and the text says so") {
  simulator::Simulator service(typical());
  const support::Authority other;
  GatewayOptions options = reaching(service);
  options.ca_pem = support::read_file(other.certificate_file());
  const auto error = Asking(options).error(kSignIn);
  CHECK(error.kind == Kind::try_later);
  CHECK_MESSAGE(contains(error.text, "certificate is not trusted"), error.text);
  options.ca_pem.clear();  // the system's authorities do not know it either
  const auto unknown = Asking(options).error(kSignIn);
  CHECK_MESSAGE(contains(unknown.text, "certificate is not trusted"), unknown.text);
}

TEST_CASE("a certificate for another name is refused; the name that is meant can be given") {
  simulator::Simulator service(typical());
  GatewayOptions options = reaching(service);
  options.tls_server_name = "elsewhere.test";
  const auto error = Asking(options).error(kSignIn);
  CHECK(error.kind == Kind::try_later);
  CHECK_MESSAGE(contains(error.text, "certificate is for another name"), error.text);
  options.endpoint = "127.0.0.1:" + port_of(service);
  options.tls_server_name = "partner.emporiaenergy.com";
  Asking(options).sign_in();
}

TEST_CASE("an expired certificate is not trusted") {
  support::Authority authority;
  const support::Identity identity = authority.expired_server();
  auto service_options = typical();
  service_options.certificate = identity.certificate_file;
  service_options.key = identity.key_file;
  simulator::Simulator service(service_options);
  GatewayOptions options = reaching(service);
  options.ca_pem = support::read_file(authority.certificate_file());
  const auto error = Asking(options).error(kSignIn);
  CHECK_MESSAGE(contains(error.text, "check [partner] ca_file and this machine's date"), error.text);
}

TEST_CASE("plaintext and TLS do not meet by accident") {
  simulator::Simulator tls(typical());
  auto plain_options = typical();
  plain_options.plaintext = true;
  simulator::Simulator plain(plain_options);

  GatewayOptions speak_plainly;
  speak_plainly.plaintext = true;
  speak_plainly.endpoint = "127.0.0.1:" + port_of(plain);
  Asking(speak_plainly).sign_in();
  speak_plainly.endpoint = "127.0.0.1:" + port_of(tls);
  CHECK(Asking(speak_plainly).error(kSignIn).kind == Kind::try_later);

  GatewayOptions speak_tls = reaching(tls);
  speak_tls.endpoint = "127.0.0.1:" + port_of(plain);
  const auto error = Asking(speak_tls).error(kSignIn);
  CHECK(error.kind == Kind::try_later);
  CHECK_MESSAGE(contains(error.text, "no TLS comes about with the service: check [partner] endpoint"), error.text);
}
