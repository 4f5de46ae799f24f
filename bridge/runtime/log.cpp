#include "runtime/log.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "runtime/log_line.hpp"
#include "runtime/mutex.hpp"
#include "runtime/text.hpp"

namespace emporia::runtime {
namespace {

class Secrets {
 public:
  void add(std::string_view secret) {
    constexpr std::size_t kShortest = 4;
    if (secret.size() < kShortest) return;
    const Lock lock(mutex_);
    for (const std::string& known : texts_) {
      if (known == secret) return;
    }
    // Longest first: a secret that begins with another one must not be left half readable.
    const auto shorter = [&](const std::string& known) { return known.size() < secret.size(); };
    texts_.emplace(std::find_if(texts_.begin(), texts_.end(), shorter), secret);
  }

  std::string masked(std::string_view text) {
    std::string result(text);
    const Lock lock(mutex_);
    for (const std::string& secret : texts_) {
      for (auto at = result.find(secret); at != std::string::npos; at = result.find(secret, at + 3)) {
        result.replace(at, secret.size(), "***");
      }
    }
    return result;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> texts_ E2M_GUARDED_BY(mutex_);
};

Secrets& secrets() {
  static Secrets instance;
  return instance;
}

/// systemd names in JOURNAL_STREAM the device and inode of the stream that it reads; what has been redirected since
/// is another one.
bool journal_reads_standard_error() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return concat(status.st_dev, ":", status.st_ino) == stream;
}

class Writer {
 public:
  Writer() : logger_("bridge", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_level(spdlog::level::trace);
    set_format(LogFormat::automatic);
  }

  void set_level(LogLevel level) { level_ = level; }

  void set_format(LogFormat format) {
    const Lock lock(mutex_);
    if (format == LogFormat::automatic) {
      format = journal_reads_standard_error() ? LogFormat::journal : LogFormat::text;
    }
    format_ = format;
    logger_.set_pattern(format == LogFormat::text      ? "%Y-%m-%dT%H:%M:%S%z %v"
                        : format == LogFormat::journal ? "%v"
                                                       : "{\"time\":\"%Y-%m-%dT%H:%M:%S.%e%z\",%v}");
  }

  LogFormat format() {
    const Lock lock(mutex_);
    return format_;
  }

  void write(LogLevel level, std::string_view room, std::string_view text) {
    if (level < level_) return;
    const std::string line = fit_for_a_line(secrets().masked(text));
    // So that no line is half in one format and half in the next.
    const Lock lock(mutex_);
    const auto shape = format_ == LogFormat::text      ? text_line
                       : format_ == LogFormat::journal ? journal_line
                                                       : json_members;
    logger_.log(spdlog::level::info, "{}", shape(level, room, line));
  }

 private:
  Mutex mutex_;
  std::atomic<LogLevel> level_ = LogLevel::info;
  LogFormat format_ E2M_GUARDED_BY(mutex_) = LogFormat::text;
  spdlog::logger logger_ E2M_GUARDED_BY(mutex_);
};

Writer& writer() {
  static Writer instance;
  return instance;
}

}  // namespace

void set_log_level(LogLevel level) {
  writer().set_level(level);
}

void set_log_format(LogFormat format) {
  writer().set_format(format);
}

LogFormat log_format() {
  return writer().format();
}

void hide_in_log(std::string_view secret) {
  secrets().add(secret);
}
std::string without_secrets(std::string_view text) {
  return secrets().masked(text);
}

void log_debug(std::string_view room, std::string_view text) {
  writer().write(LogLevel::debug, room, text);
}
void log_info(std::string_view room, std::string_view text) {
  writer().write(LogLevel::info, room, text);
}
void log_warning(std::string_view room, std::string_view text) {
  writer().write(LogLevel::warning, room, text);
}
void log_error(std::string_view room, std::string_view text) {
  writer().write(LogLevel::error, room, text);
}

void Episode::failed(std::string_view room, std::string_view text, std::string_view cause) {
  ++failures_;
  tell(room, text, cause);
}

void Episode::explained(std::string_view room, std::string_view cause) {
  tell(room, cause, cause);
}

void Episode::tell(std::string_view room, std::string_view text, std::string_view cause) {
  // Texts of strangers may differ each time.
  constexpr std::size_t kMostTold = 20;
  if (causes_.size() >= kMostTold || std::find(causes_.begin(), causes_.end(), cause) != causes_.end()) return;
  causes_.emplace_back(cause);
  log_warning(room, text);
}

void Episode::ended(std::string_view room, std::string_view text) {
  if (failures_ > 0) log_info(room, concat(text, " (after ", failures_, failures_ == 1 ? " failure)" : " failures)"));
  failures_ = 0;
  causes_.clear();
}

}  // namespace emporia::runtime
