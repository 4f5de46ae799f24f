#pragma once

#include <string>
#include <utility>

namespace emporia::settings {

/// A text that does not print by accident: it converts to nothing and has no output operator. Who needs it says so.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  const std::string& reveal() const { return text_; }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string text_;
};

}  // namespace emporia::settings
