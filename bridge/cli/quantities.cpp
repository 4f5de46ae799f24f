#include "cli/quantities.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace emporia::cli {
namespace {

/// Past this a number is a fault of somebody's; it is shown as such and does not fill the line.
constexpr double kLargest = 1e9;

}  // namespace

std::string number_text(double number, int decimals) {
  if (!(std::abs(number) < kLargest)) return "?";
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed, decimals).ptr;
  std::string text(digits, end);
  // "-0" says nothing but how it was rounded.
  if (text.find_first_not_of("-0.") == std::string::npos && text.front() == '-') text.erase(0, 1);
  return text;
}

namespace {

std::string short_energy(std::optional<double> energy_kwh) {
  if (!energy_kwh) return "-";
  return number_text(*energy_kwh, std::abs(*energy_kwh) < 10 ? 1 : 0);
}

}  // namespace

std::string watts(std::optional<double> power_w) {
  return power_w ? number_text(*power_w, 0) + " W" : "-";
}

std::string kilowatt_hours(std::optional<double> energy_kwh) {
  if (!energy_kwh) return "-";
  constexpr double kThreeDecimalsBelow = 100'000;
  return number_text(*energy_kwh, std::abs(*energy_kwh) < kThreeDecimalsBelow ? 3 : 0) + " kWh";
}

std::string whole(std::optional<double> number, const char* unit) {
  return number ? number_text(*number, 0) + unit : "-";
}

std::string both_ways(std::optional<double> in_kwh, std::optional<double> out_kwh) {
  return "+" + short_energy(in_kwh) + "/-" + short_energy(out_kwh) + " kWh";
}

std::string bar(std::optional<double> percent) {
  constexpr std::size_t kLength = 10;
  const double share = std::clamp(percent.value_or(0) / 100, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(std::lround(share * static_cast<double>(kLength)));
  return "[" + std::string(full, '#') + std::string(kLength - full, '-') + "]";
}

}  // namespace emporia::cli
