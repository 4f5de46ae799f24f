#include <filesystem>
#include <optional>

#include "runtime/text.hpp"
#include "settings/files.hpp"
#include "settings/loading.hpp"

namespace emporia::settings {
namespace {

using runtime::concat;

/// Where the password of a section, or what stands for one, may come from besides the file.
struct PasswordSources {
  std::string_view section;
  /// The options for the text itself and for the path of a file that holds it.
  std::string_view option;
  std::string_view file_option;
  const char* variable;
  /// Name of the file in $CREDENTIALS_DIRECTORY, as a unit's LoadCredential= gives it.
  const char* credential;
  /// Name of the file in /etc/credstore that our unit takes it from; other services keep theirs there, too.
  const char* stored;
  Secret& (*password)(Settings&);
  std::string& (*password_file)(Settings&);
};

constexpr PasswordSources kSources[] = {
    {"partner", "password", "password_file", "EMPORIA_PASSWORD", "emporia_password", "emporia_password",
     [](Settings& s) -> Secret& { return s.partner.password; },
     [](Settings& s) -> std::string& { return s.partner.password_file; }},
    {"mqtt", "password", "password_file", "EMPORIA_MQTT_PASSWORD", "mqtt_password", "emporia_mqtt_password",
     [](Settings& s) -> Secret& { return s.mqtt.password; },
     [](Settings& s) -> std::string& { return s.mqtt.password_file; }},
    {"statistics", "token", "token_file", "EMPORIA_HOMEASSISTANT_TOKEN", "homeassistant_token",
     "emporia_homeassistant_token", [](Settings& s) -> Secret& { return s.statistics.token; },
     [](Settings& s) -> std::string& { return s.statistics.token_file; }},
};

struct PasswordText {
  std::string text;
  bool open_to_others = false;
};

/// The first line of a file. The error names the path if there is such a file: if there is none, the "path" may be the
/// password itself, put into the wrong option.
runtime::Result<PasswordText, std::string> password_in(const std::string& path, std::string_view what) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return runtime::Failure{concat("there is no such file; expected the path of a file whose first line is the ", what,
                                   ", and a relative path starts at the folder of this configuration file")};
  }
  constexpr std::size_t kLargest = 4096;
  auto content = read_file(path, kLargest);
  if (!content) return runtime::Failure{concat(path, " ", content.error())};
  std::string text = content.value().text.substr(0, content.value().text.find('\n'));
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return runtime::Failure{concat(path, " has an empty first line, expected the ", what, " there")};
  return PasswordText{std::move(text), content.value().open_to_others};
}

/// Where systemd takes the credentials of a service from that is configured by the file: /etc/credstore for
/// /etc/emporia2mqtt/emporia2mqtt.toml. So a command given by hand, as root, has the service's passwords. Empty for a
/// file elsewhere.
std::filesystem::path credential_store(const Loading& loading) {
  const std::filesystem::path own = std::filesystem::path(loading.resolved("")).parent_path();
  if (own.filename() != "emporia2mqtt" || own.parent_path().filename() != "etc") return {};
  return own.parent_path() / "credstore";
}

/// The path of the credential, if systemd gave us one or would give it to the service.
std::string credential_path(const Loading& loading, const PasswordSources& sources) {
  std::filesystem::path path;
  if (const std::string given = loading.variable("CREDENTIALS_DIRECTORY"); !given.empty()) {
    path = std::filesystem::path(given) / sources.credential;
  } else if (const std::filesystem::path store = credential_store(loading); !store.empty()) {
    path = store / sources.stored;
  }
  std::error_code error;
  return std::filesystem::exists(path, error) ? path.string() : std::string();
}

/// The placeholder of the example, or nothing at all.
bool is_unset(const std::string& text) {
  return text.empty() || text == kPlaceholder;
}

/// One place that holds a password, the strongest first.
struct Candidate {
  /// How a message names it.
  std::string name;
  /// Empty where the text is already known.
  std::string path;
  std::string text;
  /// The option that stands for it in the file, or nothing.
  std::string_view option;
};

std::vector<Candidate> candidates(Loading& loading, const PasswordSources& sources) {
  std::vector<Candidate> found;
  if (const std::string text = loading.variable(sources.variable); !text.empty()) {
    found.push_back({concat("the environment's ", sources.variable), "", text, ""});
  }
  if (const std::string path = credential_path(loading, sources); !path.empty()) {
    found.push_back({concat("the credential ", sources.credential), path, "", ""});
  }
  if (const std::string& path = sources.password_file(loading.settings); !is_unset(path)) {
    found.push_back({std::string(sources.file_option), path, "", sources.file_option});
  }
  if (const std::string& text = sources.password(loading.settings).reveal(); !is_unset(text)) {
    found.push_back({std::string(sources.option), "", text, sources.option});
  }
  return found;
}

/// The candidate's text; nothing when it could not be had, which is then reported.
std::optional<std::string> text_of(Loading& loading, const PasswordSources& sources, const Candidate& chosen) {
  const auto complain = [&](const std::string& text) {
    if (chosen.option.empty()) {
      loading.problem_elsewhere(text);
    } else {
      loading.refuse(sources.section, chosen.option, text);
    }
  };
  std::string text = chosen.text;
  if (!chosen.path.empty()) {
    const auto content = password_in(chosen.path, sources.option);
    if (!content) {
      complain(content.error());
      return std::nullopt;
    }
    text = content.value().text;
    // A credential's folder is guarded by systemd, whatever the mode of the file in it.
    if (content.value().open_to_others && !chosen.option.empty()) {
      loading.warn(sources.section, chosen.option, concat("others can read ", chosen.path, "; chmod 600 it"));
    }
  } else if (chosen.option == sources.option && loading.open_to_others) {
    loading.warn(sources.section, sources.option,
                 concat("stands in a file that others can read; chmod 600 it, or use ", sources.file_option));
  }
  // The service's texts are UTF-8 by its protocol, MQTT's by ours: one rule is easier to keep.
  if (!is_utf8_text(text)) {
    complain(concat(chosen.name, " is not UTF-8 text"));
    return std::nullopt;
  }
  return text;
}

void find_password(Loading& loading, const PasswordSources& sources) {
  const std::vector<Candidate> found = candidates(loading, sources);
  // A file that is not read says nothing about the settings in force.
  if (found.empty() || found[0].option != sources.file_option) sources.password_file(loading.settings).clear();
  sources.password(loading.settings) = Secret();
  if (found.empty()) return;
  for (std::size_t i = 1; i < found.size(); ++i) {
    const std::string_view option = found[i].option.empty() ? sources.option : found[i].option;
    loading.warn(sources.section, option, concat(found[i].name, " is not used: ", found[0].name, " comes first"));
  }
  if (const auto text = text_of(loading, sources, found[0])) sources.password(loading.settings) = Secret(*text);
}

void find_email(Loading& loading) {
  std::string& email = loading.settings.partner.email;
  const std::string given = loading.variable("EMPORIA_EMAIL");
  if (given.empty()) {
    if (email == kPlaceholder) {
      loading.refuse("partner", "email",
                     "still holds the example's placeholder; put the address there with which you sign in to the "
                     "partner portal, or set EMPORIA_EMAIL");
    } else if (email.empty() && !loading.incomplete && !loading.refused("partner", "email")) {
      loading.refuse("partner", "email",
                     "missing; put email = \"you@example.com\" below [partner], or set EMPORIA_EMAIL");
    }
    return;
  }
  if (!is_utf8_text(given) || !complaint_about(Form::email, given).empty()) {
    loading.problem_elsewhere("the environment's EMPORIA_EMAIL is not an e-mail address");
  } else if (!is_unset(email) && email != given) {
    loading.warn("partner", "email", "is not used: the environment's EMPORIA_EMAIL comes first");
  }
  email = given;
}

/// So that the bridges of a fleet may have one file.
void find_shard(Loading& loading) {
  std::string& shard = loading.settings.fleet.shard;
  const std::string given = loading.variable("EMPORIA_SHARD");
  if (given.empty()) return;
  if (const std::string complaint = complaint_about(Form::shard, given); !complaint.empty()) {
    return loading.problem_elsewhere(concat("the environment's EMPORIA_SHARD ", complaint));
  }
  if (!shard.empty() && shard != given) {
    loading.warn("fleet", "shard", "is not used: the environment's EMPORIA_SHARD comes first");
  }
  shard = given;
}

/// Without a password for the service nothing works; brokers often want none.
void require_password(Loading& loading) {
  if (loading.refused("partner", "password") || loading.refused("partner", "password_file")) return;
  const std::filesystem::path store = credential_store(loading);
  const std::string otherwise = store.empty() ? std::string("or set EMPORIA_PASSWORD")
                                              : concat("or put it into ", (store / kSources[0].stored).string());
  for (const std::string_view option : {"password_file", "password"}) {
    if (!loading.has("partner", option) || loading.incomplete) continue;
    loading.refuse(
        "partner", option,
        concat("holds no password yet; let password_file name a file whose first line is the password, ", otherwise));
    return;
  }
  if (loading.incomplete) return;
  loading.refuse(
      "partner", "password",
      concat("missing; put password_file = \"/path/to/file\" below [partner] and the password into that file, ",
             otherwise));
}

void require_token(Loading& loading) {
  if (loading.incomplete || loading.refused("statistics", "token") || loading.refused("statistics", "token_file"))
    return;
  loading.refuse(
      "statistics", "token",
      "missing; let Home Assistant make a long-lived access token in the profile of an administrator, put it "
      "into a file and token_file = \"/path/to/file\" below [statistics], or set "
      "EMPORIA_HOMEASSISTANT_TOKEN");
}

}  // namespace

void find_credentials(Loading& loading) {
  find_email(loading);
  find_shard(loading);
  for (const PasswordSources& sources : kSources) {
    const std::size_t problems_before = loading.problems().size();
    find_password(loading, sources);
    // One that could not be had has been reported.
    if (!sources.password(loading.settings).empty() || loading.problems().size() != problems_before) continue;
    if (sources.section == "partner") require_password(loading);
    if (sources.section == "statistics" && loading.settings.statistics.enabled) require_token(loading);
  }
}

}  // namespace emporia::settings
