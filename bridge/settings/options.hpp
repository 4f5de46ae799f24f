#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "settings/settings.hpp"

namespace emporia::settings {

/// Where an option lives in Settings; the type of the member is the type of the option.
using Slot = std::variant<std::string& (*)(Settings&), int& (*)(Settings&), bool& (*)(Settings&),
                          Secret& (*)(Settings&), runtime::LogLevel& (*)(Settings&), runtime::LogFormat& (*)(Settings&),
                          std::vector<std::string>& (*)(Settings&), std::map<std::string, std::string>& (*)(Settings&)>;

/// What a text, or each text of a list, has to look like. Empty is always legal for a single text: it means "not set".
enum class Form { any, email, endpoint, listen, host, web, topic, device, shard, pem_file, file, directory };

/// Legal numbers. `automatic`: 0 as well, and then the program chooses. `either_end`: only min and max themselves.
struct Range {
  enum class Kind { between, automatic, either_end };
  Kind kind = Kind::between;
  int min = 0;
  int max = 0;
};

/// What becomes of a new value when the configuration is read again (SIGHUP): it applies at once, or at the next start.
enum class Change { live, at_start };

/// One option. Loading, "is this key known", describe(), the manual, reloading and the check of the example file read
/// these rows.
struct Option {
  std::string_view section;
  std::string_view name;
  Slot slot;
  Change change;
  Form form = Form::any;
  Range range;
  /// "s", "min", "calls" ... or empty.
  std::string_view unit;
  /// Where the default is not simply the member's initial value: what it follows from. Otherwise empty.
  std::string_view default_note;
  std::string_view help;
};

/// In the order in which they are explained: sections stay together.
const std::vector<Option>& options();

/// nullptr when there is none.
const Option* find_option(std::string_view section, std::string_view name);

std::vector<std::string_view> section_names();
std::vector<std::string_view> option_names(std::string_view section);

/// The words of an option that takes one of a few, in the order of the type's values.
const std::vector<std::string_view>& log_level_words();
const std::vector<std::string_view>& log_format_words();
/// The words for device models that include and exclude take; the same as model::word() gives.
const std::vector<std::string_view>& model_words();

/// The table that may stand several times; its options are not of one value each, so they are no rows above.
inline constexpr std::string_view kGroupTable = "group";
struct GroupOption {
  std::string_view name;
  std::string_view expected;
  std::string_view help;
};
const std::vector<GroupOption>& group_options();
/// The words that its option direction takes; the same as model::word() gives.
const std::vector<std::string_view>& group_directions();

/// What the example file holds where a person has to put something of their own.
inline constexpr std::string_view kPlaceholder = "CHANGE-ME";

/// What an option takes, to finish the sentence "expected ...": "a whole number from 1 to 65535".
std::string expected(const Option& option);

/// The option's value as TOML text; a secret as "***" or "".
std::string toml_value(const Option& option, const Settings& settings);

}  // namespace emporia::settings
