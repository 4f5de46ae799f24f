#pragma once

#include <string>

namespace emporia::partner {

/// Why a call brought nothing, named by what the caller does next.
struct PartnerError {
  enum class Kind {
    /// The token is no longer taken: get a new one, then ask again, once.
    sign_in_again,
    /// The service is out of reach, broken or busy. Nothing is wrong with the request.
    try_later,
    /// The request is wrong and would be refused again; the text goes to the user.
    refused,
    /// The reply does not fit in one message: ask for less at a time.
    too_large,
    /// The reply cannot be understood at all.
    malformed
  };
  Kind kind = Kind::try_later;
  /// For people; bounded, one line, without secrets.
  std::string text;
  /// With try_later: the hourly quota is used up, so soon is too soon.
  bool quota = false;
  /// With try_later: no TLS comes about, mostly because this side does not trust the service's certificate. Why not,
  /// the library does not tell.
  bool untrusted = false;
  /// For counting: gRPC's name of the status, such as "UNAVAILABLE". Empty when the failure is none of gRPC's.
  const char* code = "";
  friend bool operator==(const PartnerError& a, const PartnerError& b) {
    return a.kind == b.kind && a.text == b.text && a.quota == b.quota;
  }
};

}  // namespace emporia::partner
