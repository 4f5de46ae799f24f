#include "runtime/log.hpp"

#include <algorithm>
#include <mutex>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <vector>

#include "runtime/text.hpp"

namespace emporia::runtime {
namespace {

class Secrets {
 public:
  void add(std::string_view secret) {
    constexpr std::size_t kShortest = 4;
    if (secret.size() < kShortest) return;
    const std::lock_guard lock(mutex_);
    for (const std::string& known : texts_) {
      if (known == secret) return;
    }
    // Longest first: a secret that begins with another one must not be left half readable.
    const auto shorter = [&](const std::string& known) { return known.size() < secret.size(); };
    texts_.emplace(std::find_if(texts_.begin(), texts_.end(), shorter), secret);
  }

  std::string masked(std::string_view text) {
    std::string result(text);
    const std::lock_guard lock(mutex_);
    for (const std::string& secret : texts_) {
      for (auto at = result.find(secret); at != std::string::npos; at = result.find(secret, at + 3)) {
        result.replace(at, secret.size(), "***");
      }
    }
    return result;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

Secrets& secrets() {
  static Secrets instance;
  return instance;
}

/// Written as a space: C0, DEL, and C1 in UTF-8 (0xC2 0x80 to 0xC2 0x9F), which terminals obey as well.
void blank_controls(std::string& line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const auto next = i + 1 < line.size() ? static_cast<unsigned char>(line[i + 1]) : 0U;
    if (byte < 0x20 || byte == 0x7f) line[i] = ' ';
    if (byte == 0xC2 && next >= 0x80 && next <= 0x9F) line.replace(i, 2, " ");
  }
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("bridge", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *instance;
}

void write(spdlog::level::level_enum level, std::string_view room, std::string_view text) {
  if (!logger().should_log(level)) return;
  std::string line = secrets().masked(concat(room, ": ", text));
  blank_controls(line);
  logger().log(level, "{}", line);
}

}  // namespace

void set_log_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return logger().set_level(spdlog::level::debug);
    case LogLevel::info:
      return logger().set_level(spdlog::level::info);
    case LogLevel::warning:
      return logger().set_level(spdlog::level::warn);
    case LogLevel::error:
      return logger().set_level(spdlog::level::err);
  }
}

void hide_in_log(std::string_view secret) {
  secrets().add(secret);
}
std::string without_secrets(std::string_view text) {
  return secrets().masked(text);
}

void log_debug(std::string_view room, std::string_view text) {
  write(spdlog::level::debug, room, text);
}
void log_info(std::string_view room, std::string_view text) {
  write(spdlog::level::info, room, text);
}
void log_warning(std::string_view room, std::string_view text) {
  write(spdlog::level::warn, room, text);
}
void log_error(std::string_view room, std::string_view text) {
  write(spdlog::level::err, room, text);
}

void Episode::failed(std::string_view room, std::string_view text) {
  if (failures_ == 0 || last_text_ != text) log_warning(room, text);
  last_text_ = text;
  ++failures_;
}

void Episode::ended(std::string_view room, std::string_view text) {
  if (failures_ > 0) log_info(room, concat(text, " (after ", failures_, failures_ == 1 ? " failure)" : " failures)"));
  failures_ = 0;
  last_text_.clear();
}

}  // namespace emporia::runtime
