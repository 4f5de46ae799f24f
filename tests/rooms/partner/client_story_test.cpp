// Scenarios told as transcripts; what should happen is written by hand in tests/golden.
#include "rooms/partner/client_bench.hpp"
#include "support/golden.hpp"

using namespace emporia;
using namespace emporia::partner;
using namespace emporia::partner::bench;
using Kind = PartnerError::Kind;

TEST_CASE("one sign-in for all who wait, the command first, polls one by one") {
  Bench b;
  b.poll(ListDevices{});
  b.poll(outlets({"a"}));
  b.command(switch_outlet("a", true));
  b.command(switch_outlet("b", false));
  b.token(1, "token-1");
  b.answer(2);
  b.answer(4);
  b.answer(3);
  b.answer(5);
  support::check_golden("client_sign_in", b.transcript);
}

TEST_CASE("the token is renewed before it ages out") {
  Bench b;
  b.poll(outlets({"a"}));
  b.token(1, "token-1");
  b.answer(2);
  b.pass(49min + 59s);
  b.note("almost 50 minutes later");
  b.poll(outlets({"a"}));
  b.pass(1s);
  b.note("at 50 minutes");
  b.command(switch_outlet("a", true));
  b.answer(3);
  b.poll(outlets({"b"}));
  b.token(4, "token-2");
  b.answer(5);
  b.answer(6);
  support::check_golden("client_token_ages", b.transcript);
}

TEST_CASE("a token the service no longer takes is renewed once and the call made again") {
  Bench b;
  b.poll(outlets({"a"}));
  b.token(1, "token-1");
  b.answer(2);
  b.command(switch_outlet("a", true));
  b.command(switch_outlet("a", false));
  b.poll(outlets({"a"}));
  b.fail(3, Kind::sign_in_again);
  b.fail(4, Kind::sign_in_again);
  b.token(6, "token-2");
  b.fail(5, Kind::sign_in_again);
  b.answer(7);
  b.answer(8);
  b.answer(9);
  support::check_golden("client_token_refused", b.transcript);
}

TEST_CASE("a fresh token refused as well ends the call, without a circle of sign-ins") {
  Bench b;
  b.poll(outlets({"a"}));
  b.token(1, "token-1");
  b.fail(2, Kind::sign_in_again);
  b.token(3, "token-2");
  b.fail(4, Kind::sign_in_again);
  b.poll(outlets({"a"}));
  b.wait(4s, 6s);
  b.token(5, "token-3");
  b.answer(6);
  support::check_golden("client_fresh_token_refused", b.transcript);
}

TEST_CASE("a refused password is not hammered, and nobody is kept waiting for it") {
  Bench b;
  b.poll(ListDevices{});
  b.command(switch_outlet("a", true));
  b.fail(1, Kind::refused);
  b.command(switch_outlet("a", true));
  b.wait(12min, 18min);
  b.fail(2, Kind::refused);
  b.wait(24min, 36min);
  b.token(3, "token-1");
  b.answer(4);
  support::check_golden("client_password_refused", b.transcript);
}

TEST_CASE("while the service is away polls wait longer and longer, a command fails at once") {
  Bench b;
  b.poll(ListDevices{});
  b.fail(1, Kind::try_later);
  b.wait(4s, 6s);
  b.fail(2, Kind::try_later);
  b.command(switch_outlet("a", true));
  b.fail(3, Kind::try_later);
  b.wait(16s, 24s);
  b.token(4, "token-1");
  b.answer(5);
  b.poll(outlets({"a"}));
  b.fail(6, Kind::try_later);
  b.poll(outlets({"a"}));
  b.command(switch_outlet("a", true));
  b.answer(7);
  b.answer(8);
  support::check_golden("client_service_away", b.transcript);
}

TEST_CASE("a quota used up holds polls back for minutes") {
  Bench b;
  b.poll(outlets({"a"}));
  b.token(1, "token-1");
  b.fail(2, Kind::try_later, true);
  b.poll(outlets({"a"}));
  b.wait(4min, 6min);
  b.fail(3, Kind::try_later, true);
  b.poll(outlets({"a"}));
  b.wait(8min, 12min);
  b.answer(4);
  support::check_golden("client_quota", b.transcript);
}

TEST_CASE("one refused device is found by halving, the others are told of") {
  Bench b;
  b.poll(outlets({"a", "b", "c", "d"}));
  b.token(1, "token-1");
  b.fail(2, Kind::refused);
  b.answer(3);
  b.fail(4, Kind::refused);
  b.fail(5, Kind::refused);
  b.answer(6);
  support::check_golden("client_refused_device", b.transcript);
}

TEST_CASE("a reply that is too large is asked for in halves") {
  Bench b;
  const model::UtcSeconds start{std::chrono::hours{500'000}};
  b.poll(FetchUsage{ids({"a", "b"}), model::Scale::minutes, start, start + 2min});
  b.token(1, "token-1");
  b.fail(2, Kind::too_large);
  b.answer(3);
  b.fail(4, Kind::too_large);
  b.answer(5);
  b.fail(6, Kind::too_large);
  support::check_golden("client_too_large", b.transcript);
}
