#include "partner/grpc_status.hpp"

#include <doctest/doctest.h>

using emporia::partner::error_from;
using emporia::partner::PartnerError;
using Kind = PartnerError::Kind;

namespace {

PartnerError error(grpc::StatusCode code, const std::string& text, bool signing_in = false) {
  return error_from(grpc::Status(code, text), "s3cr3t-token", signing_in);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the status is counted under gRPC's own name") {
  CHECK(std::string(error(grpc::StatusCode::CANCELLED, "").code) == "CANCELLED");
  CHECK(std::string(error(grpc::StatusCode::RESOURCE_EXHAUSTED, "quota").code) == "RESOURCE_EXHAUSTED");
  CHECK(std::string(error(grpc::StatusCode::UNAVAILABLE, "").code) == "UNAVAILABLE");
  CHECK(std::string(error(grpc::StatusCode::UNAUTHENTICATED, "", true).code) == "UNAUTHENTICATED");
  CHECK(std::string(error(grpc::StatusCode::DO_NOT_USE, "").code) == "UNKNOWN");
}

TEST_CASE("every code is named by what to do next") {
  using Code = grpc::StatusCode;
  const struct {
    Code code;
    Kind call;
    Kind sign_in;
    bool quota;
  } cases[] = {
      {Code::CANCELLED, Kind::try_later, Kind::try_later, false},
      {Code::UNKNOWN, Kind::try_later, Kind::try_later, false},
      {Code::INVALID_ARGUMENT, Kind::refused, Kind::refused, false},
      {Code::DEADLINE_EXCEEDED, Kind::try_later, Kind::try_later, false},
      {Code::NOT_FOUND, Kind::refused, Kind::refused, false},
      {Code::ALREADY_EXISTS, Kind::refused, Kind::refused, false},
      {Code::PERMISSION_DENIED, Kind::refused, Kind::refused, false},
      {Code::RESOURCE_EXHAUSTED, Kind::try_later, Kind::try_later, true},
      {Code::FAILED_PRECONDITION, Kind::refused, Kind::refused, false},
      {Code::ABORTED, Kind::try_later, Kind::try_later, false},
      {Code::OUT_OF_RANGE, Kind::refused, Kind::refused, false},
      {Code::UNIMPLEMENTED, Kind::refused, Kind::refused, false},
      {Code::INTERNAL, Kind::try_later, Kind::try_later, false},
      {Code::UNAVAILABLE, Kind::try_later, Kind::try_later, false},
      {Code::DATA_LOSS, Kind::try_later, Kind::try_later, false},
      {Code::UNAUTHENTICATED, Kind::sign_in_again, Kind::refused, false},
      {Code::DO_NOT_USE, Kind::try_later, Kind::try_later, false},
  };
  for (const auto& row : cases) {
    const PartnerError call = error(row.code, "why");
    CHECK_MESSAGE(call.kind == row.call, "code ", row.code);
    CHECK_MESSAGE(call.quota == row.quota, "code ", row.code);
    CHECK_MESSAGE(contains(call.text, "why"), call.text);
    CHECK_MESSAGE(error(row.code, "why", true).kind == row.sign_in, "code ", row.code);
  }
}

TEST_CASE("a reply over the limit is told from a quota by its text") {
  const auto large =
      error(grpc::StatusCode::RESOURCE_EXHAUSTED, "Received message larger than max (7923625 vs. 4194304)");
  CHECK(large.kind == Kind::too_large);
  CHECK_FALSE(large.quota);
  const auto sent = error(grpc::StatusCode::RESOURCE_EXHAUSTED, "Sent message larger than max (7923625 vs. 4194304)");
  CHECK(sent.kind == Kind::too_large);
  const auto quota = error(grpc::StatusCode::RESOURCE_EXHAUSTED, "");
  CHECK(quota.kind == Kind::try_later);
  CHECK(quota.quota);
  CHECK(quota.text == "the service's hourly quota is used up (no reason given)");
}

TEST_CASE("what cannot be decoded is malformed, a fault of the service is not") {
  CHECK(error(grpc::StatusCode::INTERNAL, "Failed to parse response").kind == Kind::malformed);
  CHECK(error(grpc::StatusCode::INTERNAL, "Error in deserializing").kind == Kind::malformed);
  CHECK(error(grpc::StatusCode::INTERNAL, "database down").kind == Kind::try_later);
}

TEST_CASE("what a person can mend is said in words") {
  const struct {
    const char* library;
    const char* person;
  } cases[] = {
      {"failed to connect: Ssl handshake failed: SSL_ERROR_SSL: error:1000007d: certificate verify failed",
       "the service's certificate is not trusted: it has expired, or another authority has signed it; check [partner] "
       "ca_file and this machine's date"},
      {"OPENSSL_internal:CERTIFICATE_VERIFY_FAILED", "the service's certificate is not trusted"},
      {"Peer name elsewhere.test is not in peer certificate",
       "the service's certificate is for another name: check [partner] endpoint and tls_server_name"},
      {"Hostname Verification Check failed.", "the service's certificate is for another name"},
      {"failed to connect: Ssl handshake failed: SSL_ERROR_SSL: error:0D0C5006:asn1 encoding routines::EVP lib",
       "no TLS comes about with the service: check [partner] endpoint and ca_file, or ask `emporia2mqtt doctor`"},
      {"DNS resolution failed for partner.example.com:50052: C-ares status is not ARES_SUCCESS",
       "the service's name cannot be resolved"},
      {"failed to connect to all addresses; last error: UNKNOWN: Failed to connect to remote host: Connection refused",
       "the service cannot be reached"},
  };
  for (const auto& row : cases) {
    const auto told = error(grpc::StatusCode::UNAVAILABLE, row.library);
    CHECK_MESSAGE(contains(told.text, row.person), told.text);
    CHECK_MESSAGE(contains(told.text, row.library), told.text);
  }
  CHECK(error(grpc::StatusCode::UNAUTHENTICATED, "", true).text ==
        "the service refuses the e-mail or password (no reason given)");
}

TEST_CASE("the text is one bounded line without the secret") {
  const auto told =
      error(grpc::StatusCode::INVALID_ARGUMENT, "token s3cr3t-token and s3cr3t-tokens3cr3t-token\r\nforged line");
  CHECK(told.text == "the service refuses the request (token *** and ******  forged line)");
  // Cut only after masking, so that no half of a secret is left, and between characters.
  const auto cut =
      error(grpc::StatusCode::INVALID_ARGUMENT, std::string(295, 'x') + "s3cr3t-token" + std::string(10'000, 'y'));
  CHECK(cut.text == "the service refuses the request (" + std::string(295, 'x') + "***yy)");
  std::string euros = "xx";
  for (int i = 0; i < 200; ++i) euros += "\xE2\x82\xAC";
  CHECK(error(grpc::StatusCode::INVALID_ARGUMENT, euros).text ==
        "the service refuses the request (" + euros.substr(0, 299) + ")");
  CHECK(error_from(grpc::Status(grpc::StatusCode::NOT_FOUND, "plain"), "", false).text ==
        "the service refuses the request (plain)");
}
