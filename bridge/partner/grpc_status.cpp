#include "partner/grpc_status.hpp"

#include <array>

#include "runtime/text.hpp"

namespace emporia::partner {
namespace {

constexpr std::size_t kLongestDetail = 300;

/// The service's own words made fit for a log line: bounded, one line, without the secret.
std::string detail_of(const grpc::Status& status, const std::string& secret) {
  std::string detail = status.error_message();
  if (!secret.empty()) {
    for (auto at = detail.find(secret); at != std::string::npos; at = detail.find(secret, at)) {
      detail.replace(at, secret.size(), "***");
      at += 3;
    }
  }
  for (char& c : detail) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (detail.size() > kLongestDetail) {
    std::size_t end = kLongestDetail;
    while (end > 0 && (static_cast<unsigned char>(detail[end]) & 0xC0) == 0x80) --end;  // not within a character
    detail.resize(end);
  }
  return detail.empty() ? "no reason given" : detail;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

bool not_verified(const std::string& detail) {
  return contains(detail, "certificate verify failed") || contains(detail, "CERTIFICATE_VERIFY_FAILED");
}

/// The library has many texts for the TLS library's errors; that of a certificate whose authority was replaced, for
/// one, names only the routine that failed.
bool no_tls(const std::string& detail) {
  return not_verified(detail) || contains(detail, "andshake failed");
}

/// gRPC reports certificate trouble as an unreachable server; a person needs to be told which it is.
std::string unreachable(const std::string& detail) {
  if (not_verified(detail)) {
    return "the service's certificate is not trusted: it has expired, or another authority has signed it; check "
           "[partner] ca_file and this machine's date (" +
           detail + ")";
  }
  if (contains(detail, "not in peer certificate") || contains(detail, "Hostname Verification")) {
    return "the service's certificate is for another name: check [partner] endpoint and tls_server_name (" + detail +
           ")";
  }
  if (contains(detail, "DNS resolution failed") || contains(detail, "Domain name not found")) {
    return "the service's name cannot be resolved: check the network and [partner] endpoint (" + detail + ")";
  }
  if (no_tls(detail)) {
    return "no TLS comes about with the service: check [partner] endpoint and ca_file, or ask `emporia2mqtt doctor` (" +
           detail + ")";
  }
  return "the service cannot be reached (" + detail + ")";
}

PartnerError classified(const grpc::Status& status, const std::string& secret, bool signing_in) {
  using Kind = PartnerError::Kind;
  const std::string detail = detail_of(status, secret);
  switch (status.error_code()) {
    case grpc::StatusCode::UNAUTHENTICATED:
      if (signing_in) return {Kind::refused, "the service refuses the e-mail or password (" + detail + ")", false};
      return {Kind::sign_in_again, "the token is no longer taken (" + detail + ")", false};
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNIMPLEMENTED:
      return {Kind::refused, "the service refuses the request (" + detail + ")", false};
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      // The library's own size limit and the service's quota share this code; only the text tells them apart.
      if (contains(detail, "larger than max"))
        return {Kind::too_large, "the reply is too large (" + detail + ")", false};
      return {Kind::try_later, "the service's hourly quota is used up (" + detail + ")", true};
    case grpc::StatusCode::UNAVAILABLE:
      return {Kind::try_later, unreachable(detail), false, no_tls(detail)};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {Kind::try_later, "the service did not answer in time (" + detail + ")", false};
    case grpc::StatusCode::INTERNAL:
      // What this side cannot decode is reported under the same code as the service's own faults.
      if (contains(detail, "parse") || contains(detail, "deserializ")) {
        return {Kind::malformed, "the reply cannot be read (" + detail + ")", false};
      }
      break;
    case grpc::StatusCode::OK:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::DO_NOT_USE:
      break;
  }
  return {Kind::try_later,
          runtime::concat("the service failed with code ", static_cast<int>(status.error_code()), " (", detail, ")"),
          false};
}

/// Named as in https://grpc.io/docs/guides/status-codes/.
const char* code_name(grpc::StatusCode code) {
  constexpr std::array<const char*, 17> kNames{
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto number = static_cast<std::size_t>(code);
  return number < kNames.size() ? kNames[number] : "UNKNOWN";
}

}  // namespace

PartnerError error_from(const grpc::Status& status, const std::string& secret, bool signing_in) {
  PartnerError error = classified(status, secret, signing_in);
  error.code = code_name(status.error_code());
  return error;
}

}  // namespace emporia::partner
