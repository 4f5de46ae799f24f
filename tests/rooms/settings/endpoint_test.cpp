#include "settings/endpoint.hpp"

#include <doctest/doctest.h>

using namespace emporia::settings;

TEST_CASE("an endpoint is host:port and nothing else") {
  struct Good {
    const char* text;
    const char* host;
    int port;
  };
  for (const Good& good : {Good{"partner.emporiaenergy.com:50052", "partner.emporiaenergy.com", 50052},
                           Good{"127.0.0.1:1", "127.0.0.1", 1}, Good{"[::1]:65535", "::1", 65535},
                           Good{"a_b-c.example.com:80", "a_b-c.example.com", 80}}) {
    CAPTURE(good.text);
    const auto endpoint = parse_endpoint(good.text);
    REQUIRE(endpoint);
    CHECK(endpoint->host == good.host);
    CHECK(endpoint->port == good.port);
  }
  for (const char* bad : {"",
                          ":",
                          "host",
                          "host:",
                          ":50052",
                          "host:0",
                          "host:65536",
                          "host:5x",
                          "host:+5",
                          "host: 5",
                          "https://host:443",
                          "host:80/path",
                          "dns:///host:443",
                          "unix:/tmp/socket",
                          "::1:50052",
                          "[::1]",
                          "[host]:80",
                          "[]:80",
                          "user:pw@host:80",
                          "-host:80",
                          "a..b:80",
                          "ho st:80",
                          "host:99999999999999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_endpoint(bad));
  }
}

TEST_CASE("only this machine is loopback") {
  for (const char* own : {"localhost", "LocalHost", "127.0.0.1", "127.255.3.4", "::1"}) {
    CAPTURE(own);
    CHECK(is_loopback(own));
  }
  for (const char* foreign : {"", "127.0.0.1.example.com", "127.evil.example.com", "localhost.example.com", "128.0.0.1",
                              "10.127.0.1", "::2", "0.0.0.0", "::", "127.1", "::ffff:127.0.0.1", "my-localhost"}) {
    CAPTURE(foreign);
    CHECK_FALSE(is_loopback(foreign));
  }
}

TEST_CASE("where a web server is") {
  struct Good {
    const char* text;
    const char* host;
    int port;
    const char* path;
    bool tls;
  };
  for (const Good& good : {Good{"http://homeassistant.local:8123", "homeassistant.local", 8123, "", false},
                           Good{"http://192.0.2.7:8123/", "192.0.2.7", 8123, "", false},
                           Good{"https://home.example.com", "home.example.com", 443, "", true},
                           Good{"https://home.example.com:8443/below/", "home.example.com", 8443, "/below", true},
                           Good{"ws://supervisor/core/websocket", "supervisor", 80, "/core/websocket", false},
                           Good{"wss://[2001:db8::7]:8123/api", "2001:db8::7", 8123, "/api", true},
                           Good{"http://[::1]", "::1", 80, "", false}}) {
    CAPTURE(good.text);
    const auto address = parse_web_address(good.text);
    REQUIRE(address);
    CHECK(address->host == good.host);
    CHECK(address->port == good.port);
    CHECK(address->path == good.path);
    CHECK(address->tls == good.tls);
  }
  for (const char* bad :
       {"", "homeassistant.local:8123", "ftp://host", "http://", "http:///path", "http://user:pw@host", "http://host:0",
        "http://host:65536", "http://host:", "http://host?x=1", "http://host/#x", "http://host/a b", "http://[::1",
        "http://::1:8123", "HTTP://host", "http://ho st"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_web_address(bad));
  }
}
