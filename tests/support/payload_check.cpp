#include "support/payload_check.hpp"

#include <cstdio>
#include <utility>

#include "support/child_process.hpp"

namespace emporia::support {
namespace {

std::string in_json(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      quoted += escaped;
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string without_digits(const std::string& text) {
  std::string shape;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) shape += c;
    if (digit && (shape.empty() || shape.back() != '0')) shape += '0';
  }
  return shape;
}

}  // namespace

void PayloadCheck::add(const std::string& topic, const std::string& payload) {
  if (!shapes_.insert(without_digits(topic + ' ' + payload)).second) return;
  messages_ += '[' + in_json(topic) + ", " + in_json(payload) + "]\n";
}

std::string PayloadCheck::wrong(const std::string& base, bool all_seen) const {
  ChildOptions options;
  const std::string root = SOURCE_DIR;
  options.argv = {root + "/tests/support/validate_payloads", root + "/config/schemas", base};
  if (all_seen) options.argv.emplace_back("--all-seen");
  options.input = messages_;
  ChildProcess validator(std::move(options));
  const auto code = validator.wait_for_exit();
  if (code == 0) return {};
  return "config/schemas: " + validator.standard_output() + validator.standard_error();
}

}  // namespace emporia::support
