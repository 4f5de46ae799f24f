#include "settings/shard.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace emporia::settings {
namespace {

std::optional<unsigned> whole_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // "08" would be another text for the same bridge.
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '0') return std::nullopt;
  return number;
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// `number` is the position of the bridge among `count`, from 1.
int equal_part(int whole, const Shard& shard) {
  const auto count = static_cast<int>(shard.count);
  return whole / count + (static_cast<int>(shard.number) <= whole % count ? 1 : 0);
}

}  // namespace

std::optional<Shard> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  const auto number = whole_number(text.substr(0, slash));
  const auto count = whole_number(text.substr(slash + 1));
  if (!number || !count || *count > kMostShards || *number > *count) return std::nullopt;
  return Shard{*number, *count};
}

std::optional<Shard> shard(const Settings& settings) {
  return parse_shard(settings.fleet.shard);
}

unsigned shard_of(std::string_view key, unsigned count) {
  std::uint64_t state = fnv1a(key);
  std::uint64_t bucket = 0;
  for (std::uint64_t next = 0; next < count;) {
    bucket = next;
    state = state * 2862933555777941757U + 1;
    next = ((bucket + 1) << 31U) / ((state >> 33U) + 1);
  }
  return static_cast<unsigned>(bucket) + 1;
}

Budget part_of(const Budget& account, const Shard& shard) {
  Budget part = account;
  part.calls_per_hour = equal_part(account.calls_per_hour, shard);
  part.command_reserve = equal_part(account.command_reserve, shard);
  if (account.command_reserve > 0) part.command_reserve = std::max(part.command_reserve, 1);
  return part;
}

Budget own_budget(const Settings& settings) {
  const auto own = shard(settings);
  return own ? part_of(settings.budget, *own) : settings.budget;
}

}  // namespace emporia::settings
