#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace emporia::runtime {

/// Who a level is for. `error`: a person has to act. `warning`: something is lost or late, the bridge copes.
/// `info`: what an operator wants to read after a week. `debug`: what a developer needs to follow one fault.
enum class LogLevel { debug, info, warning, error };

/// Sets what is written to standard error; `info` until called. Any thread may call.
void set_log_level(LogLevel level);

/// How a line is written. `text`: with its time, for terminals and files. `journal`: without it, the priority in front.
/// `json`: an object a line. `automatic`: as `journal` where systemd reads standard error, else as `text`.
enum class LogFormat { automatic, text, journal, json };

/// `automatic` until called. Any thread may call.
void set_log_format(LogFormat format);
/// The one in force, never `automatic`. Any thread may call.
LogFormat log_format();

/// Registers a text that is replaced by "***" in every later line. Texts under 4 bytes are ignored: masking them would
/// garble ordinary words. Any thread may call.
void hide_in_log(std::string_view secret);

/// `text` with every registered secret replaced; for messages that leave by another way than the log.
std::string without_secrets(std::string_view text);

/// One line an event, which names its room. Control characters in the text are written as spaces, so that foreign text
/// cannot forge a line. Any thread may call.
void log_debug(std::string_view room, std::string_view text);
void log_info(std::string_view room, std::string_view text);
void log_warning(std::string_view room, std::string_view text);
void log_error(std::string_view room, std::string_view text);

/// A failure that lasts: its first occurrence is a line, the following ones are counted, its end is a line with the
/// count. Not thread-safe: belongs to the loop's thread.
class Episode {
 public:
  /// Logs the text as a warning when this episode has not had its cause before. Causes that take turns are a line each,
  /// not a line a turn.
  void failed(std::string_view room, std::string_view text, std::string_view cause);
  void failed(std::string_view room, std::string_view text) { failed(room, text, text); }
  /// The cause is known better by now: logs it as failed() does, without counting a failure.
  void explained(std::string_view room, std::string_view cause);
  /// Logs `text` with the number of failures, if there were any.
  void ended(std::string_view room, std::string_view text);
  bool lasts() const { return failures_ > 0; }

 private:
  void tell(std::string_view room, std::string_view text, std::string_view cause);

  std::vector<std::string> causes_;
  std::uint64_t failures_ = 0;
};

}  // namespace emporia::runtime
