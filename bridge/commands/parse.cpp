#include "commands/parse.hpp"

#include <utility>

#include "commands/value.hpp"
#include "runtime/text.hpp"

namespace emporia::commands {
namespace {

using runtime::concat;

constexpr double kShortestTimeoutS = 1;
constexpr double kLongestTimeoutS = 600;
constexpr std::size_t kLongestId = 128;
// An object of scalars is all there is; one level more tells "nested" from "broken".
constexpr std::size_t kDepth = 4;

/// "on and charge_rate_a", for a device that has settings.
std::string has_settings(const model::DevicePicture& picture) {
  const std::vector<Setting> known = settings_of(picture.device.model);
  if (known.empty()) return concat("a ", product_name(picture.device.model), " has no settings");
  return concat("this ", product_name(picture.device.model), " has ", listed(known));
}

/// Collects one message; stops at the first error.
class Reader {
 public:
  Reader(const model::DevicePicture& picture, std::optional<double> reserve_soc_pct)
      : picture_(picture), reserve_soc_pct_(reserve_soc_pct) {}

  Asked read(const std::optional<std::string>& setting, std::string_view payload) {
    if (payload.size() > kLongestPayload) {
      refuse(concat("the payload has ", payload.size(), " bytes, at most ", kLongestPayload, " are read"));
    } else if (setting) {
      read_single(*setting, payload);
    } else {
      read_object(payload);
    }
    check_ranges();
    return std::move(asked_);
  }

 private:
  void refuse(std::string reason) {
    if (asked_.error.empty()) asked_.error = std::move(reason);
  }

  std::optional<Setting> known(std::string_view name) {
    const auto setting = setting_named(name);
    const std::vector<Setting> own = settings_of(picture_.device.model);
    if (setting) {
      for (const Setting each : own) {
        if (each == *setting) return setting;
      }
    }
    refuse(concat("no setting ", excerpt(name), ": ", has_settings(picture_)));
    return std::nullopt;
  }

  void read_single(const std::string& name, std::string_view payload) {
    const auto setting = known(name);
    if (!setting) return;
    const std::string_view text = without_blanks(payload);
    const bool is_json = text.front() == '{' || text.front() == '[' || text.front() == '"';
    if (!is_json) return put(*setting, text == "null" ? json::Value() : json::Value(text));
    const auto content = parsed(text, concat(word(*setting), " takes ", legal_values(*setting, picture_, reserve())));
    if (!content) return;
    if (content->as_object() == nullptr) return put(*setting, *content);
    for (const auto& [key, value] : *content->as_object()) {
      if (!read_extra(key, value) && key != "value") {
        refuse(
            concat("unknown key ", excerpt(key), ": an object on this topic has \"value\", \"id\" and \"timeout_s\""));
      }
    }
    const json::Value* value = content->find("value");
    if (value == nullptr) return refuse(concat("\"value\" is missing: ", word(*setting), " takes ", legal(*setting)));
    put(*setting, *value);
  }

  void read_object(std::string_view payload) {
    const auto content = parsed(payload, has_settings(picture_));
    if (!content) return;
    const json::Object* object = content->as_object();
    if (object == nullptr) {
      return refuse(concat("a JSON object is wanted here, not ", shown(*content), ": ", has_settings(picture_)));
    }
    for (const auto& [key, value] : *object) {
      if (read_extra(key, value)) continue;
      if (const auto setting = known(key)) put(*setting, value);
    }
    if (asked_.settings.empty()) refuse(concat("names no setting: ", has_settings(picture_)));
  }

  std::optional<json::Value> parsed(std::string_view text, const std::string& hint) {
    json::Limits limits;
    limits.bytes = kLongestPayload;
    limits.depth = kDepth;
    limits.repeated_keys = false;
    auto content = json::parse(text, limits);
    if (content) return std::move(content).value();
    refuse(concat(content.error(), ": ", hint));
    return std::nullopt;
  }

  /// Whether the key is one of those that are no setting.
  bool read_extra(std::string_view key, const json::Value& value) {
    if (key == "id") {
      const std::string* text = value.as_string();
      const bool legal_text = text != nullptr && text->size() <= kLongestId;
      if (legal_text || value.as_integer() != nullptr || value.as_double() != nullptr) {
        asked_.id = value;
      } else if (!value.is_null()) {
        refuse(concat("id takes a number or a text of at most ", kLongestId, " bytes"));
      }
      return true;
    }
    if (key != "timeout_s") return false;
    const auto seconds = read_number(value);
    if (seconds && *seconds >= kShortestTimeoutS && *seconds <= kLongestTimeoutS) {
      asked_.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000));
    } else {
      refuse(
          concat("timeout_s takes seconds from ", kShortestTimeoutS, " to ", kLongestTimeoutS, ", not ", shown(value)));
    }
    return true;
  }

  void put(Setting setting, const json::Value& value) {
    if (const auto read = read_value(setting, value)) {
      asked_.settings.insert_or_assign(setting, *read);
      return;
    }
    const std::string* text = value.as_string();
    const auto number = text == nullptr ? std::nullopt : read_number(std::string_view(*text));
    refuse(concat(word(setting), " takes ", legal(setting), ", not ", number ? concat(*number) : shown(value)));
  }

  /// The reserve that will stand when this is carried out.
  std::optional<double> reserve() const {
    const auto found = asked_.settings.find(Setting::reserve_soc_pct);
    if (found == asked_.settings.end()) return reserve_soc_pct_;
    return std::get<double>(found->second);
  }
  std::string legal(Setting setting) const { return legal_values(setting, picture_, reserve()); }

  void check_ranges() {
    for (const auto& [setting, value] : asked_.settings) {
      const double* number = std::get_if<double>(&value);
      if (number == nullptr || contains(range_of(setting, picture_, reserve()), *number)) continue;
      return refuse(concat(word(setting), " takes ", legal(setting), ", not ", *number));
    }
  }

  const model::DevicePicture& picture_;
  std::optional<double> reserve_soc_pct_;
  Asked asked_;
};

}  // namespace

bool is_nothing(std::string_view payload) {
  return without_blanks(payload.substr(0, kLongestPayload + 1)).empty();
}

std::optional<Asked> parse(const model::DevicePicture& picture, const std::optional<std::string>& setting,
                           std::string_view payload, std::optional<double> reserve_soc_pct) {
  if (is_nothing(payload)) return std::nullopt;
  return Reader(picture, reserve_soc_pct).read(setting, payload);
}

}  // namespace emporia::commands
