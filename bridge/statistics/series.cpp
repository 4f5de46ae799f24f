#include "statistics/series.hpp"

#include <cmath>
#include <cstdint>

#include "runtime/text.hpp"

namespace emporia::statistics {
namespace {

constexpr std::string_view kStart = "emporia_";
// Home Assistant's column has 255, with "emporia:" before it and a number that may follow.
constexpr std::size_t kLongest = 230;

std::uint32_t fingerprint(const std::string& text) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

std::string hex(std::uint32_t number) {
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(number >> shift) & 0xFU];
  return text;
}

}  // namespace

std::string statistic_id(const std::string& unique_id) {
  std::string_view rest = unique_id;
  if (rest.substr(0, kStart.size()) == kStart) rest.remove_prefix(kStart.size());
  std::string slug;
  bool changed = rest.size() > kLongest;
  for (const char c : rest.substr(0, kLongest)) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    changed = changed || (!plain && small != '_') || (small == '_' && (slug.empty() || slug.back() == '_'));
    if (plain) {
      slug += small;
    } else if (!slug.empty() && slug.back() != '_') {
      slug += '_';
    }
  }
  if (!slug.empty() && slug.back() == '_') {
    slug.pop_back();
    changed = true;
  }
  if (changed || slug.empty()) slug += (slug.empty() ? "" : "_") + hex(fingerprint(unique_id));
  return runtime::concat(kSource, ":", slug);
}

bool same(Kind kind, const Value& value, const Held& held) {
  constexpr double kClose = 1e-3;
  if (kind == Kind::energy) return std::fabs(ledger::to_wh(value.energy) - held.state_kwh * 1e3) < kClose;
  const auto close = [](double a, double b) { return std::fabs(a - b) < kClose; };
  return close(value.power.mean_w, held.power.mean_w) && close(value.power.min_w, held.power.min_w) &&
         close(value.power.max_w, held.power.max_w);
}

std::optional<model::UtcSeconds> first_difference(Kind kind, const Hours& hours, const HeldHours& held) {
  for (const auto& [start, value] : hours) {
    const auto found = held.find(start);
    if (found == held.end() || !same(kind, value, found->second)) return start;
  }
  return std::nullopt;
}

}  // namespace emporia::statistics
