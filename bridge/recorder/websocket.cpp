// The one file that sees Boost: its headers are slow to compile. Long because of that: what they are needed for stands
// together.
#include "recorder/websocket.hpp"

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "runtime/text.hpp"

namespace emporia::recorder {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

std::string host_and_port(const Address& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return runtime::concat(ipv6 ? "[" : "", address.host, ipv6 ? "]:" : ":", address.port);
}

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

/// One connection, on the library's thread alone.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void open() = 0;
  virtual void send(std::string text) = 0;
  virtual void end() = 0;
};

template <typename Stream>
class Talk final : public Connection, public std::enable_shared_from_this<Talk<Stream>> {
 public:
  using Post = std::function<void(std::variant<Opened, Text, Closed>)>;

  Talk(asio::io_context& context, asio::ssl::context& tls, const WebSocketOptions& options, Post post)
      : options_(options), post_(std::move(post)), resolver_(context), socket_(make(context, tls)) {}

  void open() override {
    beast::get_lowest_layer(socket_).expires_after(options_.open_within);
    resolver_.async_resolve(
        options_.address.host, std::to_string(options_.address.port),
        [self = this->shared_from_this()](const error_code& error, const tcp::resolver::results_type& found) {
          if (error) return self->failed("its name cannot be looked up", error);
          beast::get_lowest_layer(self->socket_)
              .async_connect(found, [self](const error_code& refused, const tcp::endpoint&) {
                if (refused) return self->failed("cannot be reached", refused);
                self->secure();
              });
        });
  }

  void send(std::string text) override {
    waiting_.push_back(std::move(text));
    if (waiting_.size() == 1) write();
  }

  void end() override {
    ended_ = true;
    resolver_.cancel();
    // Said when it can be; the other side may be gone, and is not waited for.
    error_code ignored;
    beast::get_lowest_layer(socket_).socket().shutdown(tcp::socket::shutdown_both, ignored);
    beast::get_lowest_layer(socket_).close();
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
  // Without compression, which the hours do not need and which takes a compiler most of its time.
  using Socketed = websocket::stream<Stream, false>;

  static Socketed make(asio::io_context& context, asio::ssl::context& tls) {
    if constexpr (kTls) {
      return Socketed(context, tls);
    } else {
      static_cast<void>(tls);
      return Socketed(context);
    }
  }

  void secure() {
    if constexpr (kTls) {
      auto& stream = socket_.next_layer();
      const std::string& host = options_.address.host;
      // RFC 6066, 3: an address is no server name. The library's macro for this casts in the old style.
      std::string name = host;
      if (!is_address(host) &&
          SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) != 1) {
        return failed("its name is none for TLS", {});
      }
      stream.set_verify_mode(asio::ssl::verify_peer);
      stream.set_verify_callback(
          [this, check = asio::ssl::host_name_verification(host)](bool trusted, asio::ssl::verify_context& chain) {
            const bool right = check(trusted, chain);
            other_name_ = trusted && !right;
            return right;
          });
      stream.async_handshake(asio::ssl::stream_base::client,
                             [self = this->shared_from_this()](const error_code& error) {
                               if (error) return self->failed(self->distrust(), error);
                               self->shake_hands();
                             });
    } else {
      shake_hands();
    }
  }

  /// What a handshake of TLS has failed for.
  std::string distrust() {
    std::string certificate = "has a certificate that ";
    if (other_name_) return certificate + "is for another name than " + options_.address.host;
    if constexpr (kTls) {
      const long found = SSL_get_verify_result(socket_.next_layer().native_handle());
      if (found == X509_V_ERR_CERT_HAS_EXPIRED) return certificate + "has expired";
      if (found == X509_V_ERR_CERT_NOT_YET_VALID) {
        return certificate + "is not valid yet, by this machine's clock";
      }
      if (found != X509_V_OK) {
        return certificate + "is of an authority that is not trusted: set [statistics] ca_file to the authority's file";
      }
    }
    return "does not speak TLS; is it http rather than https?";
  }

  void shake_hands() {
    beast::get_lowest_layer(socket_).expires_never();
    socket_.set_option(websocket::stream_base::timeout{options_.open_within, options_.silent_for, true});
    socket_.read_message_max(options_.largest_message_bytes);
    socket_.async_handshake(answer_, host_and_port(options_.address), options_.address.path,
                            [self = this->shared_from_this()](const error_code& error) {
                              if (error) return self->failed(self->refusal(), error);
                              self->post_(Opened{});
                              self->read();
                            });
  }

  /// What an HTTP answer that is no handshake means.
  std::string refusal() const {
    const unsigned status = answer_.result_int();
    if (status == 502 || status == 503) return runtime::concat("is starting (HTTP ", status, ")");
    if (status >= 300)
      return runtime::concat("has no WebSocket API at ", options_.address.path, " (HTTP ", status, ")");
    return "does not speak WebSocket";
  }

  void read() {
    socket_.async_read(buffer_, [self = this->shared_from_this()](const error_code& error, std::size_t) {
      if (error) return self->failed("ended the connection", error);
      std::string text = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      if (!self->ended_) self->post_(Text{std::move(text)});
      self->read();
    });
  }

  void write() {
    socket_.text(true);
    socket_.async_write(asio::buffer(waiting_.front()),
                        [self = this->shared_from_this()](const error_code& error, std::size_t) {
                          if (error) return self->failed("does not take messages", error);
                          self->waiting_.pop_front();
                          if (!self->waiting_.empty()) self->write();
                        });
  }

  void failed(const std::string& what, const error_code& error) {
    if (std::exchange(ended_, true)) return;
    std::string reason =
        runtime::concat("Home Assistant at ", host_and_port(options_.address), " ", what, ": ", error.message());
    if (error == websocket::error::closed && socket_.reason().code != websocket::close_code::none) {
      reason += runtime::concat(" (code ", static_cast<unsigned>(socket_.reason().code), ")");
    }
    error_code ignored;
    beast::get_lowest_layer(socket_).socket().close(ignored);
    post_(Closed{std::move(reason)});
  }

  const WebSocketOptions& options_;
  Post post_;
  tcp::resolver resolver_;
  Socketed socket_;
  websocket::response_type answer_;
  beast::flat_buffer buffer_;
  std::deque<std::string> waiting_;
  bool ended_ = false;
  bool other_name_ = false;
};

asio::ssl::context make_tls(const Address& address) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  // Without TLS it is never used, and reading the system's authorities takes some milliseconds of the start.
  if (!address.tls) return context;
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  error_code error;
  if (address.ca_file.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(address.ca_file, error);
  }
  if (error) {
    throw std::runtime_error(
        runtime::concat("the authorities to trust in ", address.ca_file, " cannot be read: ", error.message()));
  }
  return context;
}

}  // namespace

class WebSocket::Engine {
 public:
  Engine(WebSocketOptions options, SocketSink sink)
      : options_(std::move(options)),
        sink_(std::move(sink)),
        tls_(make_tls(options_.address)),
        work_(asio::make_work_guard(context_)),
        thread_([this] { context_.run(); }) {}

  ~Engine() {
    silent_ = true;
    context_.stop();
    thread_.join();
  }

  std::uint64_t connect() {
    const std::uint64_t number = ++number_;
    asio::post(context_, [this, number] {
      if (talk_) talk_->end();
      const auto post = [this, number](std::variant<Opened, Text, Closed> what) {
        if (!silent_ && number == number_) sink_({number, std::move(what)});
      };
      if (options_.address.tls) {
        talk_ = std::make_shared<Talk<TlsStream>>(context_, tls_, options_, post);
      } else {
        talk_ = std::make_shared<Talk<PlainStream>>(context_, tls_, options_, post);
      }
      talk_->open();
    });
    return number;
  }

  void send(std::string text) {
    asio::post(context_, [this, text = std::move(text)]() mutable {
      if (talk_) talk_->send(std::move(text));
    });
  }

  void close() {
    ++number_;
    asio::post(context_, [this] {
      if (talk_) talk_->end();
      talk_.reset();
    });
  }

 private:
  const WebSocketOptions options_;
  const SocketSink sink_;
  /// Of the newest connection; events of earlier ones are not posted any more.
  std::atomic<std::uint64_t> number_{0};
  std::atomic<bool> silent_{false};
  asio::io_context context_{1};
  asio::ssl::context tls_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::shared_ptr<Connection> talk_;
  std::thread thread_;
};

WebSocket::WebSocket(WebSocketOptions options, SocketSink sink)
    : engine_(std::make_unique<Engine>(std::move(options), std::move(sink))) {}
WebSocket::~WebSocket() = default;

std::uint64_t WebSocket::connect() {
  return engine_->connect();
}
void WebSocket::send(std::string text) {
  engine_->send(std::move(text));
}
void WebSocket::close() {
  engine_->close();
}

}  // namespace emporia::recorder
