#include <algorithm>

#include "runtime/text.hpp"
#include "settings/loading.hpp"
#include "settings/nearest.hpp"

namespace emporia::settings {
namespace {

using runtime::concat;

std::string wrong_type(const Option& option, const Value& value) {
  return concat("is ", type_name(value), ", expected ", expected(option));
}

bool allows(Range range, std::int64_t number) {
  if (range.kind == Range::Kind::either_end) return number == range.min || number == range.max;
  return (number >= range.min && number <= range.max) || (range.kind == Range::Kind::automatic && number == 0);
}

/// Puts one value into its slot. One overload a type of option.
class Filler {
 public:
  Filler(Loading& loading, const Option& option, const Value& value)
      : loading_(loading), option_(option), value_(value) {}

  void operator()(std::string& (*slot)(Settings&)) const {
    const auto* text = std::get_if<std::string>(&value_.content);
    if (text == nullptr) return refuse(wrong_type(option_, value_));
    const bool is_path =
        option_.form == Form::pem_file || option_.form == Form::file || option_.form == Form::directory;
    const bool is_own = !text->empty() && *text != kPlaceholder;
    const std::string meant = is_own && is_path ? loading_.resolved(*text) : *text;
    const std::string complaint = is_own ? complaint_about(option_.form, meant) : "";
    if (!complaint.empty()) return refuse(complaint);
    // An empty text is the same as none, so that every line of the example may be uncommented.
    if (!text->empty()) slot(loading_.settings) = meant;
  }

  void operator()(Secret& (*slot)(Settings&)) const {
    const auto* text = std::get_if<std::string>(&value_.content);
    if (text == nullptr) return refuse(wrong_type(option_, value_));
    slot(loading_.settings) = Secret(*text);
  }

  void operator()(int& (*slot)(Settings&)) const {
    const auto* number = std::get_if<std::int64_t>(&value_.content);
    if (number == nullptr) return refuse(wrong_type(option_, value_));
    if (!allows(option_.range, *number)) return refuse(concat("is ", *number, ", expected ", expected(option_)));
    slot(loading_.settings) = static_cast<int>(*number);
  }

  void operator()(bool& (*slot)(Settings&)) const {
    const auto* flag = std::get_if<bool>(&value_.content);
    if (flag == nullptr) return refuse(wrong_type(option_, value_));
    slot(loading_.settings) = *flag;
  }

  void operator()(runtime::LogLevel& (*slot)(Settings&)) const { fill_word(slot, log_level_words()); }
  void operator()(runtime::LogFormat& (*slot)(Settings&)) const { fill_word(slot, log_format_words()); }

  void operator()(std::vector<std::string>& (*slot)(Settings&)) const {
    const auto* list = std::get_if<List>(&value_.content);
    if (list == nullptr) return refuse(wrong_type(option_, value_));
    for (const Value& item : *list) {
      if (loading_.full()) return;
      const auto* text = std::get_if<std::string>(&item.content);
      if (text == nullptr) {
        refuse_at(item.at, concat("holds ", type_name(item), ", expected ", expected(option_)));
        continue;
      }
      const std::string complaint = text->empty() ? "holds an empty string" : complaint_about(option_.form, *text);
      if (!complaint.empty()) {
        refuse_at(item.at, complaint);
        continue;
      }
      if (option_.form == Form::device) warn_of_misspelt_model(item.at, *text);
      slot(loading_.settings).push_back(*text);
    }
  }

  void operator()(std::map<std::string, std::string>& (*slot)(Settings&)) const {
    const auto* table = std::get_if<Table>(&value_.content);
    if (table == nullptr) return refuse(wrong_type(option_, value_));
    for (const Member& member : *table) {
      if (loading_.full()) return;
      const auto* text = std::get_if<std::string>(&member.value.content);
      if (text == nullptr) {
        refuse_at(member.value.at, concat("holds ", type_name(member.value), " for ", as_key(member.key),
                                          ", expected a name as a string"));
        continue;
      }
      const std::string complaint = text->empty() || member.key.empty()
                                        ? "holds an empty string; remove the line to keep the customer's name"
                                        : complaint_about(option_.form, *text);
      if (!complaint.empty()) {
        refuse_at(member.value.at, complaint);
        continue;
      }
      slot(loading_.settings)[member.key] = *text;
    }
  }

 private:
  /// `words` are in the order of the type's values.
  template <typename Type>
  void fill_word(Type& (*slot)(Settings&), const std::vector<std::string_view>& words) const {
    const auto* text = std::get_if<std::string>(&value_.content);
    if (text == nullptr) return refuse(wrong_type(option_, value_));
    const auto word = std::find(words.begin(), words.end(), *text);
    if (word == words.end()) {
      const std::string_view near = nearest(*text, words);
      const std::string hint = near.empty() ? "" : concat("; did you mean \"", near, "\"?");
      return refuse(concat("is ", in_quotes(*text), ", expected ", expected(option_), hint));
    }
    slot(loading_.settings) = static_cast<Type>(word - words.begin());
  }
  void refuse(std::string_view text) const { refuse_at(value_.at, text); }
  void refuse_at(Position at, std::string_view text) const {
    loading_.refuse_at(at, option_.section, option_.name, text);
  }
  /// Any text may be a device id, so this is no problem; but "outlets" is hardly one.
  void warn_of_misspelt_model(Position at, const std::string& text) const {
    const std::string_view near = nearest(text, model_words());
    if (near.empty() || near == text) return;
    loading_.warn_at(at, option_.section, option_.name,
                     concat(in_quotes(text), " is taken for a device id; did you mean the model \"", near, "\"?"));
  }

  Loading& loading_;
  const Option& option_;
  const Value& value_;
};

/// "[mqtt], [partner]": the sections with an option of that name.
std::string homes_of(std::string_view name) {
  std::vector<std::string_view> homes;
  for (const std::string_view section : section_names()) {
    if (find_option(section, name) != nullptr) homes.push_back(section);
  }
  std::string text;
  for (const std::string_view home : homes) text.append(text.empty() ? "[" : " or [").append(home).append("]");
  return text;
}

std::string hint_for_option(std::string_view section, std::string_view typed) {
  const std::string homes = homes_of(typed);
  if (!homes.empty()) return concat("it belongs below ", homes);
  const std::string_view near = nearest(typed, option_names(section));
  if (!near.empty()) return concat("did you mean \"", near, "\"?");
  return concat("[", section, "] has ", listed(option_names(section), "and", false));
}

void fill_section(Loading& loading, std::string_view section, const Table& table) {
  for (const Member& member : table) {
    if (loading.full()) return;
    const Option* option = find_option(section, member.key);
    if (option == nullptr) {
      loading.problem(member.key_at, concat("[", section, "] ", as_key(member.key), ": unknown option; ",
                                            hint_for_option(section, member.key)));
      continue;
    }
    loading.found(*option, member.value.at);
    std::visit(Filler(loading, *option, member.value), option->slot);
  }
}

/// What stands at the top of the file and is none of our sections.
void refuse_unknown(Loading& loading, const Member& member) {
  const bool is_table = std::holds_alternative<Table>(member.value.content);
  const std::string homes = homes_of(member.key);
  std::vector<std::string_view> tables = section_names();
  tables.push_back(kGroupTable);
  const std::string_view near = nearest(member.key, tables);
  std::string hint;
  if (!is_table && !homes.empty()) {
    hint = concat("it belongs below ", homes);
  } else if (near == kGroupTable) {
    hint = concat("did you mean [[", near, "]]?");
  } else if (!near.empty()) {
    hint = concat("did you mean [", near, "]?");
  } else {
    hint = concat("the tables are ", listed(tables, "and", false));
  }
  loading.problem(member.key_at, concat(is_table ? concat("[", as_key(member.key), "]: unknown table; ")
                                                 : concat(as_key(member.key), ": unknown option; "),
                                        hint));
}

}  // namespace

void fill(Loading& loading, const Table& root) {
  const auto sections = section_names();
  for (const Member& member : root) {
    if (loading.full()) return;
    if (member.key == kGroupTable) {
      fill_groups(loading, member);
      continue;
    }
    if (std::find(sections.begin(), sections.end(), member.key) == sections.end()) {
      refuse_unknown(loading, member);
      continue;
    }
    loading.found_section(member.key, member.key_at);
    if (const auto* table = std::get_if<Table>(&member.value.content)) {
      fill_section(loading, member.key, *table);
    } else {
      loading.problem(member.key_at, concat("[", member.key, "] is ", type_name(member.value),
                                            ", expected a table: a line [", member.key, "] and options below it"));
    }
  }
}

}  // namespace emporia::settings
