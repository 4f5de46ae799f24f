#include "simulator/clock.hpp"

#include <charconv>
#include <cstdio>
#include <ctime>

namespace simulator {

Clock::Clock(Seconds start, double scale) : since_(std::chrono::steady_clock::now()), start_(start), scale_(scale) {}

Seconds Clock::now() const {
  const std::chrono::duration<double> real = std::chrono::steady_clock::now() - since_;
  return start_ + advanced_ + static_cast<Seconds>(real.count() * scale_);
}

Seconds system_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string iso8601(Seconds time) {
  const std::time_t seconds = time;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::optional<Seconds> parse_time(std::string_view text) {
  Seconds plain = 0;
  const char* const end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(text.data(), end, plain); error == std::errc{} && stop == end) {
    return plain;
  }
  const std::string copy{text};
  std::tm parts{};
  const char* const rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || std::string_view(rest) != "Z") return std::nullopt;
  return timegm(&parts);
}

}  // namespace simulator
