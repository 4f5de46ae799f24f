#include <doctest/doctest.h>
#include <string>

#include "mqtt/message.hpp"

namespace emporia::mqtt {
namespace {

using namespace std::string_literals;

TEST_CASE("a device id becomes one topic level that holds no separator and no wildcard") {
  struct Case {
    std::string id;
    const char* level;
  };
  const Case cases[] = {
      {"A2107A04B4B8", "A2107A04B4B8"},
      {"", ""},
      {"a_b", "a-5fb"},
      {"bridge", "-62ridge"},
      {"-62ridge", "-2d62ridge"},
      {"Bridge", "Bridge"},
      {"bridge2", "bridge2"},
      {"a-b", "a-2db"},
      {"a/b+c#", "a-2fb-2bc-23"},
      {"a-5fb", "a-2d5fb"},
      {"caf\xc3\xa9", "caf-c3-a9"},
      {"a\0b"s, "a-00b"},
      {" ", "-20"},
      {"\xff", "-ff"},
      {"group:upper-flat", "group--upper-flat"},
      {"group:2", "group--2"},
      {"group:/#", "group---2f-23"},
      {"group", "group"},
      {"group--2", "group-2d-2d2"},
      {"Group:2", "Group-3a2"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.id);
    CHECK(topic_id(c.id) == c.level);
    CHECK(is_group_level(c.level) == (c.id.rfind(kGroupIds, 0) == 0));
  }
}

TEST_CASE("UTF-8 is well-formed or it is not") {
  struct Case {
    const char* what;
    std::string text;
    bool valid;
  };
  const Case cases[] = {
      {"nothing", "", true},
      {"ASCII", "abc", true},
      {"two bytes", "\xc3\xa9", true},
      {"three bytes", "\xe6\x97\xa5", true},
      {"four bytes", "\xf0\x9f\x98\x80", true},
      {"the last character", "\xf4\x8f\xbf\xbf", true},
      {"above the last character", "\xf4\x90\x80\x80", false},
      {"a lone continuation", "\x80", false},
      {"cut off", "\xe6\x97", false},
      {"a continuation that is none", "\xc3(", false},
      {"overlong slash", "\xc0\xaf", false},
      {"overlong in three", "\xe0\x80\xaf", false},
      {"overlong in four", "\xf0\x80\x80\xaf", false},
      {"a surrogate", "\xed\xa0\x80", false},
      {"a byte that never occurs", "\xff", false},
      {"five bytes", "\xf8\x88\x80\x80\x80", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(valid_utf8(c.text) == c.valid);
  }
}

TEST_CASE("a topic is legal when every broker takes it") {
  struct Case {
    const char* what;
    std::string topic;
    bool legal;
  };
  const Case cases[] = {
      {"ordinary", "emporia/A2107A04B4B8/state", true},
      {"empty", "", false},
      {"only a slash", "/", true},
      {"a space", "a b", true},
      {"any script", "\xe6\x97\xa5/\xf0\x9f\x98\x80", true},
      {"the longest", std::string(65535, 'a'), true},
      {"one too long", std::string(65536, 'a'), false},
      {"plus", "a/+/b", false},
      {"hash", "a/#", false},
      {"plus within a level", "a+b", false},
      {"NUL", "a\0b"s, false},
      {"U+001F", "a\x1f", false},
      {"delete", "a\x7f", false},
      {"U+009F", "a\xc2\x9f", false},
      {"U+00A0", "a\xc2\xa0", true},
      {"no UTF-8", "a\xc3", false},
      {"U+FDD0", "\xef\xb7\x90", false},
      {"U+FDEF", "\xef\xb7\xaf", false},
      {"U+FDF0", "\xef\xb7\xb0", true},
      {"U+FFFE", "\xef\xbf\xbe", false},
      {"U+FFFF", "\xef\xbf\xbf", false},
      {"U+1FFFE", "\xf0\x9f\xbf\xbe", false},
      {"U+FEFF, which is a character", "\xef\xbb\xbf", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(legal_topic(c.topic) == c.legal);
  }
}

}  // namespace
}  // namespace emporia::mqtt
