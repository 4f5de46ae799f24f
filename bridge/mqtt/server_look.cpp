#include "mqtt/server_look.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <iterator>
#include <memory>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "mqtt/trouble.hpp"
#include "runtime/text.hpp"

namespace emporia::mqtt {
namespace {

using runtime::concat;

constexpr std::chrono::seconds kPatience{3};
/// How long a broker that has taken the handshake may need to say that it does not like the client's certificate, which
/// TLS 1.3 tells only afterwards.
constexpr std::chrono::seconds kPatienceForAlert{1};

LinkDown down(std::string reason, bool refused) {
  return {std::move(reason), refused};
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// False at the limit and when the look is to be given up.
bool wait_until_ready(int fd, short events, GiveUp give_up, std::chrono::milliseconds limit) {
  pollfd waiting[] = {{fd, events, 0}, {give_up.fd, POLLIN, 0}};
  const int ready = ::poll(waiting, std::size(waiting), static_cast<int>(limit.count()));
  return ready > 0 && waiting[1].revents == 0;
}

std::string unbracketed(const std::string& host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' ? host.substr(1, host.size() - 2) : host;
}

/// What the certificate must be for.
std::string name_of(const LinkOptions& options, const Server& server) {
  return server.certificate_name.empty() ? unbracketed(options.host) : server.certificate_name;
}

/// A connected socket, or in `error` the reason why there is none: an errno.
std::optional<Socket> try_address(const addrinfo& address, GiveUp give_up, int& error) {
  Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0 || (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS)) {
    error = errno;
    return std::nullopt;
  }
  if (!wait_until_ready(socket.fd(), POLLOUT, give_up, kPatience)) {
    error = ETIMEDOUT;
    return std::nullopt;
  }
  socklen_t size = sizeof error;
  if (::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return std::nullopt;
  return socket;
}

std::optional<Socket> reach(const LinkOptions& options, const Server& server, GiveUp give_up, Look& look) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string host = unbracketed(options.host);
  const int looked_up = ::getaddrinfo(host.c_str(), std::to_string(options.port).c_str(), &wanted, &found);
  if (looked_up != 0) {
    look.why = down(concat("the host ", host, " is not found (", ::gai_strerror(looked_up), "): check ",
                           server.host_setting, " and this machine's name resolution"),
                    false);
    return std::nullopt;
  }
  look.stage = Look::Stage::port;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    if (auto socket = try_address(*address, give_up, error)) return socket;
  }
  const std::string where = host_and_port(options);
  if (error == ECONNREFUSED) {
    look.why = down(concat("connection refused: is ", server.who, " running at ", where, "?"), false);
  } else if (error == ETIMEDOUT) {
    look.why = down(
        concat("no answer from ", where, ": check ", server.host_setting, " and port, and firewalls between"), false);
  } else if (error == EMFILE) {
    look.why = down(concat(where,
                           " cannot be reached: the system lets this program have no more open files: raise "
                           "LimitNOFILE= of the service, or ulimit -n"),
                    false);
  } else {
    look.why = down(concat(where, " cannot be reached: ", std::strerror(error)), false);
  }
  return std::nullopt;
}

LinkDown explain_certificate(long result, const LinkOptions& options, const Server& server) {
  const std::string where = host_and_port(options);
  switch (result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return down(concat("the certificate of ", server.who, " is for another name than ", name_of(options, server),
                         ": set ", server.name_setting, " to a name in the certificate"),
                  true);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return down(concat("the certificate of ", server.who, " at ", where, " has expired: ", server.expired), true);
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return down(
          concat("the certificate of ", server.who, " at ", where, " is not valid yet: check this machine's clock"),
          true);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    // The authority has our authority's name and another key: it was replaced.
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return down(
          concat("the certificate of ", server.who, " at ", where, " is of an authority that is not trusted: set ",
                 server.ca_setting, " to that authority's certificate"),
          true);
    default:
      return down(concat("the certificate of ", server.who, " at ", where,
                         " is not accepted: ", ::X509_verify_cert_error_string(result)),
                  true);
  }
}

/// What the server thinks of the client's certificate, by the alert it sent; nothing for another error.
std::optional<LinkDown> explain_alert(unsigned long error, const LinkOptions& options, const Server& server) {
  const bool shown = !options.certificate_file.empty();
  switch (ERR_GET_REASON(error)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return down(shown ? concat(server.who, " does not accept the client certificate: check [mqtt] certificate_file")
                        : concat(server.who, " wants a client certificate: ", server.wants_certificate),
                  true);
    default:
      return std::nullopt;
  }
}

/// Runs `step` until it has succeeded or failed; its SSL_get_error(), SSL_ERROR_NONE when it succeeded.
template <typename Step>
int drive(SSL* ssl, int fd, GiveUp give_up, std::chrono::milliseconds limit, Step step) {
  for (;;) {
    ::ERR_clear_error();
    const int result = step();
    const int state = ::SSL_get_error(ssl, result);
    if (state != SSL_ERROR_WANT_READ && state != SSL_ERROR_WANT_WRITE) return state;
    const short events = state == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!wait_until_ready(fd, events, give_up, limit)) return state;
  }
}

std::optional<LinkDown> set_up(SSL_CTX* context, const LinkOptions& options, const Server& server) {
  const std::string authorities = options.ca_file.empty() ? kSystemAuthorities : options.ca_file;
  if (::SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr) != 1) {
    return down(concat("no certificates of authorities can be read from ", authorities, ": check ", server.ca_setting),
                true);
  }
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (options.certificate_file.empty()) return std::nullopt;
  const std::string& key = options.key_file.empty() ? options.certificate_file : options.key_file;
  if (::SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1 ||
      ::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return down(
        "the client certificate or its key cannot be read, or they do not belong together: check [mqtt] "
        "certificate_file and key_file, which must be readable PEM files without a passphrase",
        true);
  }
  return std::nullopt;
}

LinkDown explain_handshake(SSL* ssl, const LinkOptions& options, const Server& server) {
  const unsigned long error = ::ERR_peek_error();
  const long verified = ::SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) return explain_certificate(verified, options, server);
  if (const auto alert = explain_alert(error, options, server)) return *alert;
  const std::string where = host_and_port(options);
  if (error == 0 || ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER ||
      ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return down(concat("no TLS at ", where, ": ", server.no_tls), true);
  }
  return down(concat("TLS with ", where, " failed: ", ::ERR_reason_error_string(error)), true);
}

/// Nothing when all is well.
std::optional<LinkDown> look_at_tls(int fd, const LinkOptions& options, const Server& server, GiveUp give_up) {
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(::SSL_CTX_new(::TLS_client_method()),
                                                                    &::SSL_CTX_free);
  if (const auto wrong = set_up(context.get(), options, server)) return *wrong;
  const std::unique_ptr<SSL, decltype(&::SSL_free)> made(::SSL_new(context.get()), &::SSL_free);
  SSL* const ssl = made.get();
  const std::string host = name_of(options, server);
  X509_VERIFY_PARAM* const parameters = ::SSL_get0_param(ssl);
  if (::X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) {
    ::SSL_set1_host(ssl, host.c_str());
    // What SSL_set_tlsext_host_name() does, which is a macro with an old-style cast.
    std::string name = host;
    ::SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  ::SSL_set_fd(ssl, fd);
  const std::string where = host_and_port(options);
  const int state = drive(ssl, fd, give_up, kPatience, [&] { return ::SSL_connect(ssl); });
  if (state == SSL_ERROR_WANT_READ || state == SSL_ERROR_WANT_WRITE) {
    return down(concat(where, " does not answer to TLS: ", server.no_tls), false);
  }
  if (state != SSL_ERROR_NONE) return explain_handshake(ssl, options, server);
  char byte = 0;
  const int after = drive(ssl, fd, give_up, kPatienceForAlert, [&] { return ::SSL_read(ssl, &byte, 1); });
  if (after == SSL_ERROR_SSL) {
    if (const auto alert = explain_alert(::ERR_peek_error(), options, server)) return *alert;
  }
  return std::nullopt;
}

}  // namespace

Look look_at(const LinkOptions& options, const Server& server, GiveUp give_up) {
  Look look;
  const auto socket = reach(options, server, give_up, look);
  if (!socket) return look;
  look.stage = Look::Stage::tls;
  if (options.tls) {
    if (const auto wrong = look_at_tls(socket->fd(), options, server, give_up)) {
      look.why = *wrong;
      return look;
    }
  }
  look.stage = Look::Stage::through;
  return look;
}

}  // namespace emporia::mqtt
