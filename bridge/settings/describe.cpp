#include "runtime/text.hpp"
#include "settings/options.hpp"

namespace emporia::settings {
namespace {

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      result += "\\u00";
      result += kDigits[byte >> 4u];
      result += kDigits[byte & 0xfu];
    } else {
      result += c;
    }
  }
  return result + '"';
}

struct Writer {
  std::string operator()(const std::string& text) const { return toml_string(text); }
  std::string operator()(int number) const { return runtime::concat(number); }
  std::string operator()(bool flag) const { return runtime::concat(flag); }
  std::string operator()(const Secret& secret) const { return secret.empty() ? "\"\"" : "\"***\""; }
  std::string operator()(runtime::LogLevel level) const {
    return toml_string(log_level_words().at(static_cast<std::size_t>(level)));
  }
  std::string operator()(runtime::LogFormat format) const {
    return toml_string(log_format_words().at(static_cast<std::size_t>(format)));
  }
  std::string operator()(const std::vector<std::string>& texts) const {
    std::string result = "[";
    for (const std::string& text : texts) result.append(result.size() > 1 ? ", " : "").append(toml_string(text));
    return result + "]";
  }
  std::string operator()(const std::map<std::string, std::string>& texts) const {
    std::string result = "{";
    for (const auto& [key, text] : texts) {
      result.append(result.size() > 1 ? ", " : " ").append(toml_string(key)).append(" = ").append(toml_string(text));
    }
    return result + (texts.empty() ? "}" : " }");
  }
};

/// The members of one side of a group.
std::string members_of(const Group& group, bool minus) {
  std::string list;
  for (const GroupMember& member : group.members) {
    if (member.minus != minus) continue;
    const std::string circuit = toml_string(member.device + ":" + member.channel);
    list.append(list.empty() ? "" : ", ");
    list += member.share == 1 ? circuit : runtime::concat("{ circuit = ", circuit, ", share = ", member.share, " }");
  }
  return "[" + list + "]";
}

}  // namespace

std::string toml_value(const Option& option, const Settings& settings) {
  // A slot hands out what may be written to; here it is a copy.
  Settings copy = settings;
  return std::visit([&](auto slot) { return Writer{}(slot(copy)); }, option.slot);
}

std::string describe(const Settings& settings) {
  std::string text;
  std::string_view section;
  for (const Option& option : options()) {
    if (option.section != section) {
      text.append(section.empty() ? "[" : "\n[").append(option.section).append("]\n");
      section = option.section;
    }
    text.append(option.name).append(" = ").append(toml_value(option, settings)).append("\n");
  }
  for (const Group& group : settings.groups) {
    text +=
        runtime::concat("\n[[", kGroupTable, "]]\nid = ", toml_string(group.id), "\nname = ", toml_string(group.name),
                        "\nplus = ", members_of(group, false), "\nminus = ", members_of(group, true),
                        "\ndirection = ", toml_string(group.direction), "\n");
  }
  return text;
}

std::string manual() {
  const Settings defaults;
  std::string text;
  std::string_view section;
  for (const Option& option : options()) {
    if (option.section != section) {
      text.append(section.empty() ? "[" : "\n[").append(option.section).append("]\n");
      section = option.section;
    }
    const std::string value = toml_value(option, defaults);
    const bool has_value = value != "\"\"";
    text.append("  ").append(option.name).append(": ").append(option.help).append("\n");
    text.append("      ").append(expected(option));
    if (has_value) text.append("; default ").append(value);
    if (!option.default_note.empty()) text.append(has_value ? ", " : "; default ").append(option.default_note);
    text.append("\n");
  }
  text += runtime::concat("\n[[", kGroupTable, "]]\n");
  for (const GroupOption& option : group_options()) {
    text += runtime::concat("  ", option.name, ": ", option.help, "\n      ", option.expected, "\n");
  }
  return text;
}

}  // namespace emporia::settings
