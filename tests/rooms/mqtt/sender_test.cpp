#include "mqtt/sender.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace emporia::mqtt {
namespace {

paho::const_message_ptr numbered(unsigned number) {
  return paho::message::create("emporia/a", std::to_string(number), 1, false);
}

}  // namespace

TEST_CASE("messages are handed over in their order, each once, and drain() waits for the last") {
  std::vector<Ticket> handed_over;
  bool as_posted = true;
  Sender sender([&](Ticket ticket, const paho::const_message_ptr& message) {
    handed_over.push_back(ticket);
    as_posted = as_posted && message->get_payload_str() == std::to_string(ticket);
  });
  sender.drain();
  std::vector<Ticket> expected;
  for (unsigned i = 1; i <= 5000; ++i) {
    sender.post(i, numbered(i));
    expected.push_back(i);
    if (i % 1000 != 0) continue;
    sender.drain();
    REQUIRE(handed_over == expected);
  }
  CHECK(as_posted);
}

}  // namespace emporia::mqtt
