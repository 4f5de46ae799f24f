#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/document.hpp"
#include "settings/load.hpp"
#include "settings/options.hpp"

namespace emporia::settings {

/// What the steps of one loading share: the settings as far as they are known, where each of them stands, and what is
/// wrong so far. The steps run in the order in which they are declared below.
class Loading {
 public:
  Loading(std::string file, const Environment& environment) : environment_(environment), file_(std::move(file)) {}

  Settings settings;
  /// Some lines were no TOML, so that what seems to be missing may only be unreadable.
  bool incomplete = false;
  /// The configuration file itself can be read by others than its owner.
  bool open_to_others = false;

  /// A variable of the environment; empty when it is unset or empty.
  std::string variable(const std::string& name) const { return environment_ ? environment_(name).value_or("") : ""; }
  /// The path with the configuration file's folder before it, unless it is absolute.
  std::string resolved(const std::string& path) const {
    return (std::filesystem::path(file_).parent_path() / path).string();
  }

  void found_section(std::string_view section, Position at) { sections_[std::string(section)] = at; }
  void found(const Option& option, Position at) { places_[name_of(option.section, option.name)] = at; }
  /// The option stands in the file.
  bool has(std::string_view section, std::string_view name) const { return places_.count(name_of(section, name)) > 0; }
  /// The option's value was refused; rules that compare it with others have nothing to say.
  bool refused(std::string_view section, std::string_view name) const {
    return refused_.count(name_of(section, name)) > 0;
  }

  /// Enough is wrong: who reads a file of a million wrong lines is helped by the first ones.
  bool full() const { return problems_.size() >= 50; }

  void problem(Position at, std::string text) { problems_.push_back({file_, at.line, at.column, std::move(text)}); }
  void warning(Position at, std::string text) { warnings_.push_back({file_, at.line, at.column, std::move(text)}); }
  /// Something outside the configuration file is to blame, which the text names.
  void problem_elsewhere(std::string text) { problems_.push_back({"", 0, 0, std::move(text)}); }

  /// About an option: at its value, else at its section, else at the beginning of the file.
  void refuse(std::string_view section, std::string_view name, std::string_view text);
  void refuse_at(Position at, std::string_view section, std::string_view name, std::string_view text);
  void warn(std::string_view section, std::string_view name, std::string_view text);
  void warn_at(Position at, std::string_view section, std::string_view name, std::string_view text);

  /// By position.
  std::vector<Problem> problems() const;
  std::vector<Problem> warnings() const;

 private:
  static std::string name_of(std::string_view section, std::string_view name) {
    return std::string(section).append(".").append(name);
  }
  Position place(std::string_view section, std::string_view name) const;

  const Environment& environment_;
  std::string file_;
  std::map<std::string, Position> sections_;
  std::map<std::string, Position> places_;
  std::set<std::string> refused_;
  std::vector<Problem> problems_;
  std::vector<Problem> warnings_;
};

/// Puts what the file says into the settings; refuses unknown names, wrong types and illegal values.
void fill(Loading& loading, const Table& root);
/// What stands below the lines [[group]].
void fill_groups(Loading& loading, const Member& member);
/// Finds the e-mail address, the passwords and the shard among environment, credentials and files.
void find_credentials(Loading& loading);
/// Computes defaults that follow from other options.
void derive_defaults(Loading& loading);
/// Refuses options that contradict one another.
void check(Loading& loading);

/// Whether the text has the form; otherwise what is wrong with it, to follow "[mqtt] host: ". Looks at the file system
/// for Form::pem_file only.
std::string complaint_about(Form form, const std::string& text);

}  // namespace emporia::settings
