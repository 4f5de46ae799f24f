#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace emporia::runtime {

/// Growing pauses between attempts: doubling from `first` up to `longest`, each with 20 % of jitter either way so that
/// many bridges do not come back in the same second. Pure: it makes no deadline itself.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, std::uint64_t seed)
      : first_(first), longest_(longest), next_(first), random_(seed) {}

  /// The pause before the next attempt.
  std::chrono::milliseconds next() {
    constexpr double kJitter = 0.2;
    std::uniform_real_distribution<double> factor(1.0 - kJitter, 1.0 + kJitter);
    const std::chrono::duration<double, std::milli> pause = next_ * factor(random_);
    next_ = std::min(next_ * 2, longest_);
    return std::chrono::duration_cast<std::chrono::milliseconds>(pause);
  }

  /// After a success: the next failure starts from the first pause again.
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  std::chrono::milliseconds next_;
  std::mt19937_64 random_;
};

}  // namespace emporia::runtime
