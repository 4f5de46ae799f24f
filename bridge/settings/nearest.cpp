#include "settings/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace emporia::settings {
namespace {

constexpr std::size_t kLongest = 64;

std::string folded(std::string_view text) {
  std::string result(text.substr(0, kLongest));
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
  }
  return result;
}

/// Edit distance in which two swapped neighbours are one edit.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

/// Short words have many neighbours, so less is forgiven.
std::size_t forgiven(std::size_t length) {
  return length <= 4 ? 1 : length <= 8 ? 2 : 3;
}

}  // namespace

std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& candidates) {
  if (typed.empty() || typed.size() > kLongest) return {};
  const std::string wanted = folded(typed);
  std::string_view best;
  std::size_t best_distance = forgiven(wanted.size()) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t edits = distance(wanted, folded(candidate));
    if (edits < best_distance) {
      best = candidate;
      best_distance = edits;
    }
  }
  if (!best.empty()) return best;
  // "user" for "username": nobody's typo, but clear enough.
  constexpr std::size_t kShortestBeginning = 3;
  for (const std::string_view candidate : candidates) {
    const bool begins = wanted.size() >= kShortestBeginning && candidate.substr(0, wanted.size()) == wanted;
    if (begins && (best.empty() || candidate.size() < best.size())) best = candidate;
  }
  return best;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::size_t end = std::min(text.size(), kShown);
  // Never between the bytes of one character.
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  std::string result = "\"";
  for (const char c : text.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  result += end < text.size() ? "...\"" : "\"";
  return result;
}

std::string as_key(std::string_view key) {
  constexpr std::size_t kLongestBare = 40;
  const bool bare = !key.empty() && key.size() <= kLongestBare && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? std::string(key) : in_quotes(key);
}

std::string listed(const std::vector<std::string_view>& words, std::string_view last, bool quote) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && i + 1 == words.size()) {
      result.append(" ").append(last).append(" ");
    } else if (i > 0) {
      result += ", ";
    }
    result += quote ? in_quotes(words[i]) : std::string(words[i]);
  }
  return result;
}

}  // namespace emporia::settings
