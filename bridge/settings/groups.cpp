#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "runtime/text.hpp"
#include "settings/loading.hpp"
#include "settings/nearest.hpp"

namespace emporia::settings {
namespace {

using runtime::concat;

constexpr std::size_t kLongestId = 40;
constexpr unsigned kLastChannel = 999;
constexpr std::string_view kId = "a short word of lower case letters, digits and single hyphens, like \"upper-flat\"";
constexpr std::string_view kMembers =
    "a list of circuits, like [\"device id:mains\", { circuit = \"device id:4\", share = 0.5 }]";
constexpr std::string_view kCircuit =
    "\"device id:channel\", the channel being mains, balance or a number: \"A1:mains\" or \"A1:4\"";
constexpr std::string_view kShare = "a number above 0 and at most 1";

bool is_id(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > kLongestId || !plain(text.front()) || !plain(text.back())) return false;
  return text.find("--") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [&plain](char c) { return plain(c) || c == '-'; });
}

/// The channel as it is kept, or nothing.
std::optional<std::string> channel_of(std::string_view text) {
  if (text == "mains" || text == "balance") return std::string(text);
  unsigned number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  if (number < 1 || number > kLastChannel) return std::nullopt;
  return concat(number);
}

/// "did you mean ...?" or what there is.
std::string hint_for(std::string_view typed, const std::vector<std::string_view>& known, std::string_view owner) {
  const std::string_view near = nearest(typed, known);
  if (!near.empty()) return concat("did you mean \"", near, "\"?");
  return concat(owner, " has ", listed(known, "and", false));
}

/// Reads one [[group]].
class GroupFiller {
 public:
  GroupFiller(Loading& loading, const Value& value) : loading_(loading), value_(value) {}

  Group fill() {
    for (const Member& member : std::get<Table>(value_.content)) {
      if (loading_.full()) break;
      option_ = member.key;
      if (member.key == "id") {
        fill_id(member.value);
      } else if (member.key == "name") {
        if (const auto* text = text_in(member.value)) group_.name = *text;
      } else if (member.key == "plus" || member.key == "minus") {
        fill_members(member.value);
      } else if (member.key == "direction") {
        fill_direction(member.value);
      } else {
        std::vector<std::string_view> known;
        for (const GroupOption& option : group_options()) known.push_back(option.name);
        loading_.problem(member.key_at, concat("[[group]] ", as_key(member.key), ": unknown option; ",
                                               hint_for(member.key, known, "[[group]]")));
      }
    }
    finish();
    return std::move(group_);
  }

 private:
  void refuse(Position at, std::string_view text) { loading_.problem(at, concat("[[group]] ", option_, ": ", text)); }

  void refuse_type(const Value& value, std::string_view expected) {
    refuse(value.at, concat("is ", type_name(value), ", expected ", expected));
  }

  /// nullptr, and a problem, where it is no text that can be shown.
  const std::string* text_in(const Value& value) {
    const auto* text = std::get_if<std::string>(&value.content);
    if (text == nullptr) {
      refuse_type(value, "a string, like \"text\"");
      return nullptr;
    }
    const std::string complaint = complaint_about(Form::any, *text);
    if (complaint.empty()) return text;
    refuse(value.at, complaint);
    return nullptr;
  }

  void fill_id(const Value& value) {
    has_id_ = true;
    const std::string* text = text_in(value);
    if (text == nullptr) return;
    if (!is_id(*text)) return refuse(value.at, concat("is ", in_quotes(*text), ", expected ", kId));
    for (const Group& other : loading_.settings.groups) {
      if (other.id != *text) continue;
      return refuse(value.at, concat(in_quotes(*text),
                                     " is the id of a group above; topics follow from it, so each "
                                     "group needs its own"));
    }
    group_.id = *text;
  }

  void fill_direction(const Value& value) {
    const std::string* text = text_in(value);
    if (text == nullptr) return;
    const auto& words = group_directions();
    if (std::find(words.begin(), words.end(), *text) != words.end()) {
      group_.direction = *text;
      return;
    }
    const std::string_view near = nearest(*text, words);
    refuse(value.at, concat("is ", in_quotes(*text), ", expected one of ", listed(words, "or"),
                            near.empty() ? "" : concat("; did you mean \"", near, "\"?")));
  }

  void fill_members(const Value& value) {
    const bool minus = option_ == "minus";
    if (!minus) has_plus_ = true;
    const auto* list = std::get_if<List>(&value.content);
    if (list == nullptr) return refuse_type(value, kMembers);
    if (!minus && list->empty()) refuse(value.at, concat("is empty, expected ", kMembers));
    for (const Value& item : *list) {
      if (loading_.full()) return;
      GroupMember member;
      member.minus = minus;
      bool good = false;
      if (const auto* table = std::get_if<Table>(&item.content)) {
        good = read_table(item, *table, member);
      } else {
        good = read_circuit(item, member);
      }
      if (good) add(item.at, std::move(member));
    }
  }

  bool read_circuit(const Value& value, GroupMember& member) {
    const auto* text = std::get_if<std::string>(&value.content);
    if (text == nullptr) {
      refuse(value.at, concat("holds ", type_name(value), ", expected ", kMembers));
      return false;
    }
    const std::string complaint = complaint_about(Form::device, *text);
    const auto colon = text->rfind(':');
    std::string problem;
    if (!complaint.empty()) {
      problem = complaint;
    } else if (text->compare(0, kGroupTable.size() + 1, "group:") == 0) {
      problem = concat("holds ", in_quotes(*text), "; a group is made of circuits: list those of that group");
    } else if (colon == std::string::npos || colon == 0) {
      problem = concat("holds ", in_quotes(*text), ", expected ", kCircuit);
    } else if (const auto channel = channel_of(std::string_view(*text).substr(colon + 1))) {
      member.device = text->substr(0, colon);
      member.channel = *channel;
      return true;
    } else {
      const std::string_view near = nearest(std::string_view(*text).substr(colon + 1), {"mains", "balance"});
      problem = concat("holds ", in_quotes(*text), ", expected ", kCircuit,
                       near.empty() ? "" : concat("; did you mean \"", near, "\"?"));
    }
    refuse(value.at, problem);
    return false;
  }

  bool read_table(const Value& value, const Table& table, GroupMember& member) {
    bool good = true;
    bool has_circuit = false;
    for (const Member& part : table) {
      if (part.key == "circuit") {
        has_circuit = true;
        good = read_circuit(part.value, member) && good;
      } else if (part.key == "share") {
        good = read_share(part.value, member) && good;
      } else {
        good = false;
        refuse(part.key_at,
               concat(as_key(part.key), " is unknown here; ", hint_for(part.key, {"circuit", "share"}, "a member")));
      }
    }
    if (has_circuit) return good;
    if (good) refuse(value.at, concat("holds a table without circuit, expected ", kMembers));
    return false;
  }

  bool read_share(const Value& value, GroupMember& member) {
    const auto* whole = std::get_if<std::int64_t>(&value.content);
    const auto* real = std::get_if<double>(&value.content);
    if (whole == nullptr && real == nullptr) {
      refuse(value.at, concat("share is ", type_name(value), ", expected ", kShare));
      return false;
    }
    member.share = whole != nullptr ? static_cast<double>(*whole) : *real;
    if (member.share > 0 && member.share <= 1) return true;  // which no NaN is
    refuse(value.at, concat("share is ", member.share, ", expected ", kShare));
    return false;
  }

  void add(Position at, GroupMember member) {
    const std::string_view side = member.minus ? "minus" : "plus";
    for (const GroupMember& other : group_.members) {
      if (other.device != member.device) continue;
      const std::string circuit = in_quotes(member.device + ":" + member.channel);
      if (other.channel == member.channel) {
        return refuse(at, concat(circuit, " is in this group already; remove it from one of the two places"));
      }
      if (other.minus != member.minus || (other.channel != "mains" && member.channel != "mains")) continue;
      const std::string part =
          in_quotes(member.device + ":" + (member.channel == "mains" ? other.channel : member.channel));
      loading_.warning(at,
                       concat("[[group]] ", option_, ": ", part, " is a part of ", in_quotes(member.device + ":mains"),
                              ", and both are in ", side, ": its energy counts twice"));
    }
    group_.members.push_back(std::move(member));
  }

  void finish() {
    if (group_.name.empty()) group_.name = group_.id;
    std::stable_partition(group_.members.begin(), group_.members.end(), [](const auto& each) { return !each.minus; });
    option_ = "id";
    if (!has_id_) refuse(value_.at, concat("missing, expected ", kId));
    option_ = "plus";
    if (!has_plus_) refuse(value_.at, concat("missing, expected ", kMembers));
  }

  Loading& loading_;
  const Value& value_;
  Group group_;
  std::string option_;
  bool has_id_ = false;
  bool has_plus_ = false;
};

}  // namespace

const std::vector<GroupOption>& group_options() {
  static const std::vector<GroupOption> rows = {
      {"id", kId, "decides the group's topics and its identity at Home Assistant, so it should stay as it is"},
      {"name", "a string, like \"text\"; default the id", "what the group is called"},
      {"plus", kMembers, "circuits whose energy is added up"},
      {"minus", "the same; default []", "circuits whose energy is taken away"},
      {"direction", "one of \"consumption\", \"generation\" or \"bidirectional\"; default \"consumption\"",
       "which way the energy flows that is shown: one counter, one that generates, or import and export"},
  };
  return rows;
}

const std::vector<std::string_view>& group_directions() {
  static const std::vector<std::string_view> words = {"consumption", "generation", "bidirectional"};
  return words;
}

void fill_groups(Loading& loading, const Member& member) {
  const auto* list = std::get_if<List>(&member.value.content);
  if (list == nullptr) {
    loading.problem(member.key_at, concat("[group] is ", type_name(member.value),
                                          ", expected a list of tables: begin each group "
                                          "with a line [[group]]"));
    return;
  }
  for (const Value& value : *list) {
    if (loading.full()) return;
    if (!std::holds_alternative<Table>(value.content)) {
      loading.problem(value.at, concat("group: holds ", type_name(value), ", expected a line [[group]] for each"));
      continue;
    }
    loading.settings.groups.push_back(GroupFiller(loading, value).fill());
  }
}

}  // namespace emporia::settings
