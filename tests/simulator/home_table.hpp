#pragma once

#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <type_traits>
#include <vector>

#include "simulator/home.hpp"

namespace simulator {

/// A name of the contract and its number.
struct Word {
  std::string_view word;
  int number;
};
/// A table whose keys are taken one by one; what is left over at the end is a mistake.
class Table {
 public:
  Table(const toml::table& table, const std::string& path) : table_(table), path_(path) {}

  [[noreturn]] void fail(const toml::node& node, const std::string& text) const {
    const auto at = node.source().begin;
    std::ostringstream message;
    message << path_ << ':' << at.line << ':' << at.column << ": " << text;
    throw HomeError(message.str());
  }

  const toml::node* take(std::string_view key) {
    known_.insert(std::string(key));
    return table_.get(key);
  }

  template <typename T>
  bool read(std::string_view key, T& value, double least, double most) {
    const toml::node* const node = take(key);
    if (node == nullptr) return false;
    const auto number = node->value<double>();
    const bool whole = std::is_floating_point_v<T> || node->is_integer();
    if (!node->is_number() || !number || !whole || !(*number >= least && *number <= most)) {
      std::ostringstream text;
      text << key << " is a " << (std::is_floating_point_v<T> ? "number" : "whole number") << " from " << least
           << " to " << most;
      fail(*node, text.str());
    }
    value = static_cast<T>(*number);
    return true;
  }

  bool read(std::string_view key, bool& value) {
    const toml::node* const node = take(key);
    if (node == nullptr) return false;
    if (!node->is_boolean()) fail(*node, std::string(key) + " is true or false");
    value = *node->value<bool>();
    return true;
  }

  bool read(std::string_view key, std::string& value) {
    const toml::node* const node = take(key);
    if (node == nullptr) return false;
    if (!node->is_string()) fail(*node, std::string(key) + " is a text");
    value = *node->value<std::string>();
    return true;
  }

  // A name of the contract, or any number to play a value of the future.
  template <std::size_t N>
  bool read(std::string_view key, int& value, const Word (&words)[N]) {
    const toml::node* const node = take(key);
    if (node == nullptr) return false;
    if (node->is_integer()) return read(key, value, 0, 1e6);
    const auto text = node->value<std::string>().value_or("");
    std::string allowed;
    for (const Word& word : words) {
      if (word.word == text) {
        value = word.number;
        return true;
      }
      allowed += (allowed.empty() ? "" : ", ") + std::string(word.word);
    }
    fail(*node, std::string(key) + " is a number or one of " + allowed);
  }

  std::vector<const toml::table*> tables(std::string_view key) {
    std::vector<const toml::table*> found;
    const toml::node* const node = take(key);
    if (node == nullptr) return found;
    if (!node->is_array()) fail(*node, std::string(key) + " is an array of tables");
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_table()) fail(item, "an entry of " + std::string(key) + " is a table");
      found.push_back(item.as_table());
    }
    return found;
  }

  void finish() const {
    for (const auto& [key, node] : table_) {
      if (known_.contains(std::string(key.str()))) continue;
      std::string names;
      for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
      fail(node, "unknown key '" + std::string(key.str()) + "'; there are " + names);
    }
  }

 private:
  const toml::table& table_;
  const std::string& path_;
  std::set<std::string> known_;
};

}  // namespace simulator
