#include "partner/portion.hpp"

#include <doctest/doctest.h>
#include <sstream>

using namespace emporia;
using namespace emporia::partner;
using namespace std::chrono_literals;

namespace {

const model::UtcSeconds kStart{std::chrono::seconds{1795392000}};

FetchUsage usage(int devices, model::Scale scale, std::chrono::seconds length) {
  FetchUsage request{{}, scale, kStart, kStart + length};
  for (int i = 0; i < devices; ++i) request.devices.emplace_back("d" + std::to_string(i));
  return request;
}

/// "d0..d2 0+120" : first and last device, start and end in seconds after kStart.
std::string text_of(const FetchUsage& part) {
  std::ostringstream text;
  if (part.devices.empty()) return "nobody";
  text << part.devices.front().text();
  if (part.devices.size() > 1) text << ".." << part.devices.back().text();
  text << " " << (part.start - kStart).count() << "-" << (part.end - kStart).count();
  return text.str();
}

template <typename Parts>
std::string text_of_all(const Parts& parts) {
  std::string text;
  for (const auto& part : parts) {
    if constexpr (std::is_same_v<std::decay_t<decltype(part)>, Request>) {
      text += (text.empty() ? "" : " | ") + text_of(std::get<FetchUsage>(part));
    } else {
      text += (text.empty() ? "" : " | ") + text_of(part);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("usage is cut so that no reply is estimated too large: 160 bytes a bucket") {
  const struct {
    const char* what;
    FetchUsage request;
    std::size_t largest;
    const char* parts;
  } cases[] = {
      {"small", usage(3, model::Scale::minutes, 120s), 10'000, "d0..d2 0-120"},
      {"just fits: 3 devices of 3 buckets", usage(3, model::Scale::minutes, 120s), 9 * 160, "d0..d2 0-120"},
      {"one byte too much: by devices", usage(3, model::Scale::minutes, 120s), 9 * 160 - 1, "d0..d1 0-120 | d2 0-120"},
      {"a device each", usage(3, model::Scale::minutes, 120s), 3 * 160, "d0 0-120 | d1 0-120 | d2 0-120"},
      {"one device is too much: by time, each bucket once", usage(1, model::Scale::minutes, 240s), 2 * 160,
       "d0 0-60 | d0 120-180 | d0 240-240"},
      {"both", usage(2, model::Scale::hours, 2h), 2 * 160, "d0 0-3600 | d0 7200-7200 | d1 0-3600 | d1 7200-7200"},
      {"never less than a bucket", usage(1, model::Scale::minutes, 60s), 1, "d0 0-0 | d0 60-60"},
      {"days count as days", usage(1, model::Scale::days, 24h * 365), 366 * 160, "d0 0-31536000"},
      {"a range that ends before it starts is the service's to refuse", usage(1, model::Scale::minutes, -60s), 160,
       "d0 0--60"},
      {"nobody named is the gateway's to refuse", usage(0, model::Scale::minutes, 24h), 160, "nobody"},
  };
  for (const auto& row : cases) CHECK_MESSAGE(text_of_all(portions(row.request, row.largest)) == row.parts, row.what);
}

TEST_CASE("a fleet's week of minutes: every device and bucket once, no part above the limit") {
  const auto whole = usage(100, model::Scale::minutes, 24h * 7);
  std::size_t buckets = 0;
  for (const FetchUsage& part : portions(whole, 1'000'000)) {
    const auto here = part.devices.size() * (static_cast<std::size_t>((part.end - part.start) / 60s) + 1);
    CHECK(here * 160 <= 1'000'000);
    buckets += here;
  }
  CHECK(buckets == 100 * (7 * 24 * 60 + 1));
}

TEST_CASE("halves: by devices first, then by time, until nothing is left to halve") {
  CHECK(text_of_all(halves(usage(5, model::Scale::minutes, 120s))) == "d0..d1 0-120 | d2..d4 0-120");
  CHECK(text_of_all(halves(usage(1, model::Scale::minutes, 120s))) == "d0 0-60 | d0 120-120");
  CHECK(text_of_all(halves(usage(1, model::Scale::minutes, 60s))) == "d0 0-0 | d0 60-60");
  CHECK(halves(usage(1, model::Scale::minutes, 0s)).empty());
  CHECK(halves(usage(0, model::Scale::minutes, 0s)).empty());
  CHECK(halves(ListDevices{}).empty());
  CHECK(halves(UpdateOutlets{{{model::DeviceId("a"), true}, {model::DeviceId("b"), true}}}).empty());
}

TEST_CASE("halves of a list keep its kind; by device a range stays whole") {
  const ListStates list{StateKind::batteries, {model::DeviceId("a"), model::DeviceId("b"), model::DeviceId("c")}};
  const auto parts = halves_by_device(list);
  REQUIRE(parts.size() == 2);
  for (const Request& part : parts) CHECK(std::get<ListStates>(part).kind == StateKind::batteries);
  CHECK(std::get<ListStates>(parts[0]).devices.size() == 1);
  CHECK(std::get<ListStates>(parts[1]).devices.size() == 2);
  CHECK(halves_by_device(usage(1, model::Scale::minutes, 120s)).empty());
}
