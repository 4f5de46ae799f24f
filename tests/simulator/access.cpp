#include "simulator/access.hpp"

#include <algorithm>
#include <openssl/rand.h>
#include <vector>

namespace simulator {
namespace {

std::string base64url(const std::string& bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8 | static_cast<unsigned char>(c)) & 0xFFFFU;
    for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[buffer >> (bits - 6) & 63U];
  }
  if (bits > 0) text += kAlphabet[buffer << (6 - bits) & 63U];
  return text;
}

std::string random_bytes(std::size_t count) {
  std::vector<unsigned char> bytes(count);
  RAND_bytes(bytes.data(), static_cast<int>(count));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Access::Access(std::string email, std::string password, Seconds token_lifetime, unsigned quota)
    : email_(std::move(email)), password_(std::move(password)), lifetime_(token_lifetime), quota_(quota) {}

bool Access::password_is(const std::string& email, const std::string& password) const {
  return email == email_ && password == password_;
}

// Has the looks and the length of a signed JSON web token; nobody should look inside.
std::string Access::issue_token(Seconds now) {
  std::erase_if(tokens_, [&](const auto& entry) { return entry.second.until <= now; });
  const std::string token =
      base64url(R"({"kid":"c2ltdWxhdGVkLWtleS1vZi1ub2JvZHk=","alg":"RS256"})") + "." +
      base64url(R"({"token_use":"id","iat":)" + std::to_string(now) + R"(,"exp":)" + std::to_string(now + lifetime_) +
                R"(,"jti":")" + base64url(random_bytes(240)) + R"("})") +
      "." + base64url(random_bytes(256));
  tokens_[token] = {now + lifetime_, ++issued_};
  newest_tokens_.push_back(token);
  if (newest_tokens_.size() > 1000) newest_tokens_.pop_front();
  return token;
}

bool Access::token_is_good(const std::string& token, Seconds now) {
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return false;
  if (found->second.number < newest_used_) ++with_older_;
  newest_used_ = std::max(newest_used_, found->second.number);
  return found->second.until > now;
}

std::size_t Access::calls_in_hour(Seconds now) {
  while (!calls_.empty() && calls_.front() <= now - kHour) calls_.pop_front();
  return calls_.size();
}

bool Access::take_call(Seconds now, bool count_refused) {
  while (!attempts_.empty() && attempts_.front() <= now - kHour) attempts_.pop_front();
  attempts_.push_back(now);
  busiest_hour_ = std::max(busiest_hour_, attempts_.size());
  const bool room = quota_ == 0 || calls_in_hour(now) < quota_;
  if (room || count_refused) calls_.push_back(now);
  // Without a quota the record is for people only.
  if (quota_ == 0 && calls_.size() > 100'000) calls_.pop_front();
  return room;
}

}  // namespace simulator
