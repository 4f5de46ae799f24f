#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace emporia::support {

/// PEM files of a certificate and its key.
struct Identity {
  std::string certificate_file;
  std::string key_file;
};

/// A certificate authority for one test, and what it signs. The files live as long as the authority.
class Authority {
 public:
  explicit Authority(const std::string& name = "Test authority");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// The PEM file of its own certificate: what a client trusts.
  const std::string& certificate_file() const { return certificate_file_; }
  /// A server's certificate for host names and IPv4 or IPv6 addresses.
  Identity server(const std::vector<std::string>& names = {"localhost", "127.0.0.1", "::1"});
  /// As server(), but its time is over.
  Identity expired_server(const std::vector<std::string>& names = {"localhost", "127.0.0.1", "::1"});
  /// As server(), but its time has not come.
  Identity future_server(const std::vector<std::string>& names = {"localhost", "127.0.0.1", "::1"});
  /// Signed by its own key and nobody's authority.
  Identity self_signed_server(const std::vector<std::string>& names = {"localhost", "127.0.0.1", "::1"});
  Identity client(const std::string& name);

 private:
  struct Keys;

  TempDir folder_;
  std::unique_ptr<Keys> keys_;
  std::string certificate_file_;
  int issued_ = 0;
};

}  // namespace emporia::support
