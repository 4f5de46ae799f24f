#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// One thing nobody outside knows about the service, or that a test wants otherwise. The first value is the default.
struct Switch {
  std::string_view key;
  std::vector<std::string_view> values;
  std::string_view meaning;
};
const std::vector<Switch>& switches();

/// The switches' positions. Asking for a key or value that is not in the table throws std::logic_error, so that a
/// misspelt one cannot pass for "off".
class Behaviour {
 public:
  Behaviour();
  bool is(std::string_view key, std::string_view value) const;
  bool on(std::string_view key) const { return is(key, "on"); }
  const std::string& value(std::string_view key) const;
  /// Empty when done, else what is allowed.
  std::string set(std::string_view key, std::string_view value);

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace simulator
