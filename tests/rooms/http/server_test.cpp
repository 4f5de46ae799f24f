#include "http/server.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <memory>
#include <random>
#include <vector>

#include "support/raw_http.hpp"
#include "support/wait.hpp"

using namespace emporia;
using support::http_ask;
using support::http_body;
using support::http_get;
using support::http_status;

namespace {

/// A server with two pages on a port of its own.
struct Bench {
  explicit Bench(bool local_names_only = true) {
    for (int tries = 0; server == nullptr; ++tries) {
      port = support::free_port();
      try {
        server = std::make_unique<http::Server>(http::ServerOptions{"127.0.0.1", port, local_names_only}, pages());
      } catch (const http::CannotListen&) {
        REQUIRE(tries < 20);  // somebody else was faster
      }
    }
  }
  std::map<std::string, http::Page> pages() {
    return {{"/metrics",
             [this] {
               return http::Answer{200, "text/plain", std::string(size, 'm')};
             }},
            {"/health", [this] {
               return http::Answer{status, "application/json", "{\"made\":" + count() + "}\n"};
             }}};
  }
  std::string count() { return std::to_string(++made); }

  std::size_t size = 100;
  std::atomic<int> status{200};
  std::atomic<int> made{0};
  std::uint16_t port = 0;
  std::unique_ptr<http::Server> server;
};

std::string request(const std::string& first_line, const std::string& headers = "Host: localhost\r\n",
                    const std::string& body = "") {
  return first_line + "\r\n" + headers + "\r\n" + body;
}

}  // namespace

TEST_CASE("pages: made anew for each request, with the status and type they say") {
  Bench bench;
  CHECK(http_body(http_get(bench.port, "/health")) == "{\"made\":1}\n");
  const std::string answer = http_get(bench.port, "/health?verbose=1");
  CHECK(http_body(answer) == "{\"made\":2}\n");
  CHECK(answer.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(answer.find("Cache-Control: no-store\r\n") != std::string::npos);
  bench.status = 503;
  CHECK(http_status(http_get(bench.port, "/health")) == 503);
  CHECK(http_body(http_get(bench.port, "/metrics")) == std::string(100, 'm'));
}

TEST_CASE("a long page arrives whole") {
  Bench bench;
  bench.size = std::size_t{8} * 1024 * 1024;
  CHECK(http_body(http_get(bench.port, "/metrics")).size() == bench.size);
}

TEST_CASE("what is answered to whom") {
  Bench bench;
  const std::string local = "Host: localhost\r\n";
  struct Row {
    std::string what;
    std::string asked;
    int status;
  };
  const std::vector<Row> rows{
      {"a head", request("HEAD /health HTTP/1.1"), 200},
      {"an old health check without a host", request("GET /health HTTP/1.0", ""), 200},
      {"one with an empty host", request("GET /health HTTP/1.1", "Host: \r\n"), 200},
      {"this machine by its address and port", request("GET /health HTTP/1.1", "Host: 127.0.0.1:9877\r\n"), 200},
      {"this machine by its IPv6 address", request("GET /health HTTP/1.1", "Host: [::1]:9877\r\n"), 200},
      {"this machine in capitals", request("GET /health HTTP/1.1", "Host: LOCALHOST\r\n"), 200},
      {"a page's script under its own name", request("GET /health HTTP/1.1", "Host: evil.example.com\r\n"), 403},
      {"a name that begins like an address", request("GET /health HTTP/1.1", "Host: 127.0.0.1.example.com\r\n"), 403},
      {"a name that begins like ours", request("GET /health HTTP/1.1", "Host: localhost.example.com\r\n"), 403},
      {"half an IPv6 address", request("GET /health HTTP/1.1", "Host: [::1\r\n"), 403},
      {"the root", request("GET / HTTP/1.1"), 404},
      {"a page below a page", request("GET /health/ HTTP/1.1"), 404},
      {"a way out", request("GET /../../etc/passwd HTTP/1.1"), 404},
      {"a way out in other letters", request("GET /%2e%2e/%00 HTTP/1.1"), 404},
      {"something sent", request("POST /health HTTP/1.1", local + "Content-Length: 3\r\n", "abc"), 405},
      {"much announced", request("POST /health HTTP/1.1", local + "Content-Length: 99999999\r\n", "abc"), 405},
      {"a length below zero", request("PUT /health HTTP/1.1", local + "Content-Length: -5\r\n"), 405},
      {"a chunk without end", request("POST /health HTTP/1.1", local + "Transfer-Encoding: chunked\r\n", "ffffffffff"),
       405},
      {"a deletion", request("DELETE /metrics HTTP/1.1"), 405},
      {"a long path", request("GET /" + std::string(9000, 'a') + " HTTP/1.1"), 414},
      {"a long header", request("GET /health HTTP/1.1", local + "X: " + std::string(9000, 'a') + "\r\n"), 400},
      {"no HTTP", "hello\r\n\r\n", 400},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(http_status(http_ask(bench.port, row.asked)) == row.status);
  }
  CHECK(http_ask(bench.port, request("POST /health HTTP/1.1")).find("Allow: GET, HEAD\r\n") != std::string::npos);
  CHECK(http_ask(bench.port, request("HEAD /health HTTP/1.1")).find("made") == std::string::npos);
}

TEST_CASE("where the network was let in, it may call the machine what it likes") {
  Bench bench(false);
  CHECK(http_status(http_ask(bench.port, request("GET /health HTTP/1.1", "Host: bridge.example.com\r\n"))) == 200);
}

TEST_CASE("a request has an end: after so many bytes nothing more of it is read") {
  Bench bench;
  std::string headers = "Host: localhost\r\n";
  while (headers.size() < http::Server::kRequestBytes * 4) headers += "X: y\r\n";
  CHECK(http_status(http_ask(bench.port, request("GET /health HTTP/1.1", headers))) == 400);
  CHECK(bench.made == 0);
}

TEST_CASE("who asks slowly is sent away, and others are served meanwhile or soon after") {
  Bench bench;
  std::vector<std::unique_ptr<support::RawConnection>> slow;
  for (std::size_t i = 0; i < http::Server::kConnections + 1; ++i) {
    slow.push_back(std::make_unique<support::RawConnection>(bench.port));
    slow.back()->send("G");
  }
  CHECK(http_status(http_get(bench.port, "/health")) == 200);
  for (const auto& connection : slow) CHECK(connection->receive_all() == "");
}

TEST_CASE("noise: whatever arrives, the next request is answered") {
  Bench bench;
  std::mt19937 random(20261123);
  const std::string whole = request("GET /health HTTP/1.1", "Host: localhost\r\nRange: bytes=0-3,5-\r\nX: y\r\n");
  for (int i = 0; i < 300; ++i) {
    std::string bytes = whole;
    for (unsigned n = random() % 8 + 1; n > 0; --n) bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
    static_cast<void>(http_ask(bench.port, bytes + "\r\n\r\n"));
  }
  CHECK(http_status(http_get(bench.port, "/health")) == 200);
}

TEST_CASE("a port that is taken, and an address that is not ours, are told with what to do") {
  Bench bench;
  const auto message = [](const http::ServerOptions& options) -> std::string {
    try {
      const http::Server server(options, {});
    } catch (const http::CannotListen& error) {
      return error.what();
    }
    return "listens";
  };
  CHECK(message({"127.0.0.1", bench.port, true}).find("set [http] listen to a free one") != std::string::npos);
  CHECK(message({"192.0.2.1", bench.port, true}).find("an address of this machine") != std::string::npos);
}

TEST_CASE("the end does not wait for those who hang on, and the port is free at once") {
  Bench bench;
  const support::RawConnection idle(bench.port);
  const support::RawConnection half(bench.port);
  half.send("GET /hea");
  bench.server.reset();
  CHECK(idle.receive_all() == "");
  const http::Server next({"127.0.0.1", bench.port, true}, {});
  CHECK(http_status(http_get(bench.port, "/health")) == 404);
}
