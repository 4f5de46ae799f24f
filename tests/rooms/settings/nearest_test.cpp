#include "settings/nearest.hpp"

#include <doctest/doctest.h>

#include "settings/files.hpp"

using namespace emporia::settings;

TEST_CASE("the name that was most likely meant") {
  const std::vector<std::string_view> names = {"host",          "port",         "password",
                                               "password_file", "keep_alive_s", "base_topic"};
  struct Case {
    const char* typed;
    const char* meant;
  };
  for (const Case& c : {Case{"prot", "port"}, Case{"Port", "port"}, Case{"hots", "host"}, Case{"pasword", "password"},
                        Case{"passwd", "password"}, Case{"password-file", "password_file"},
                        Case{"keepalive", "keep_alive_s"}, Case{"base", "base_topic"}, Case{"pass", "password"},
                        Case{"", ""}, Case{"quite_different", ""}, Case{"xy", ""}, Case{"ports", "port"}}) {
    CAPTURE(c.typed);
    CHECK(nearest(c.typed, names) == c.meant);
  }
  CHECK(nearest(std::string(100000, 'p'), names).empty());
}

TEST_CASE("foreign text in a message is quoted, short and harmless") {
  CHECK(in_quotes("port") == "\"port\"");
  CHECK(in_quotes("a\nb\x7f") == "\"a?b?\"");
  CHECK(in_quotes(std::string(61, 'x')) == "\"" + std::string(60, 'x') + "...\"");
  // 59 letters, then a character of two bytes that would be cut in half.
  CHECK(in_quotes(std::string(59, 'x') + "\xc3\xa9y") == "\"" + std::string(59, 'x') + "...\"");
}

TEST_CASE("lists of words") {
  CHECK(listed({"a"}, "or") == "\"a\"");
  CHECK(listed({"a", "b"}, "or") == "\"a\" or \"b\"");
  CHECK(listed({"a", "b", "c"}, "and", false) == "a, b and c");
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  for (const char* good :
       {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x8c", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_utf8_text(good));
  }
  for (const char* bad : {"\xe9", "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xc3("}) {
    CHECK_FALSE(is_utf8_text(bad));
  }
  CHECK_FALSE(is_utf8_text(std::string_view("a\0b", 3)));
}
