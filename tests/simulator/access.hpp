#pragma once

#include <deque>
#include <map>
#include <string>

#include "simulator/clock.hpp"

namespace simulator {

/// Who may call and how often: the password, the tokens handed out, the calls of the last hour.
class Access {
 public:
  Access(std::string email, std::string password, Seconds token_lifetime, unsigned quota);
  bool password_is(const std::string& email, const std::string& password) const;
  std::string issue_token(Seconds now);
  bool token_is_good(const std::string& token, Seconds now);
  void expire_tokens() { tokens_.clear(); }
  void set_password(std::string password) { password_ = std::move(password); }
  void set_quota(unsigned quota) { quota_ = quota; }
  /// False when the hour is full. A refused call counts only if `count_refused`.
  bool take_call(Seconds now, bool count_refused);
  unsigned quota() const { return quota_; }
  std::size_t calls_in_hour(Seconds now);
  std::size_t tokens_issued() const { return issued_; }
  /// Calls with a token older than one that had been used before: the program that had it went on after another, or the
  /// same one anew, had signed in and called.
  std::size_t calls_with_an_older_token() const { return with_older_; }
  /// The newest tokens handed out, at most 1000.
  const std::deque<std::string>& newest_tokens() const { return newest_tokens_; }
  /// The most calls there ever were in a rolling hour, refused ones too.
  std::size_t busiest_hour() const { return busiest_hour_; }

 private:
  std::string email_;
  std::string password_;
  Seconds lifetime_;
  unsigned quota_;
  std::size_t issued_ = 0;
  struct Token {
    Seconds until = 0;
    std::size_t number = 0;
  };
  std::map<std::string, Token> tokens_;
  std::size_t newest_used_ = 0;
  std::size_t with_older_ = 0;
  std::deque<std::string> newest_tokens_;
  std::deque<Seconds> calls_;
  std::deque<Seconds> attempts_;
  std::size_t busiest_hour_ = 0;
};

}  // namespace simulator
