#pragma once

#include <string>

namespace simulator {

/// Where the server's identity lies, and its text.
struct Identity {
  /// What a client must trust.
  std::string ca_file;
  std::string certificate_pem;
  std::string key_pem;
};

/// Makes an authority and a certificate for localhost, partner.emporiaenergy.com and 127.0.0.1, valid for ten years,
/// and writes ca.pem, server.pem and server-key.pem (0600) into `directory`. Throws std::runtime_error.
Identity make_identity(const std::string& directory);

/// Takes one that exists; clients trust the certificate file itself or its issuer. Throws std::runtime_error.
Identity load_identity(const std::string& certificate_file, const std::string& key_file);

}  // namespace simulator
