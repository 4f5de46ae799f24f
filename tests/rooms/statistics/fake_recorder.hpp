#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/energy.hpp"
#include "runtime/result.hpp"

namespace emporia::tests {

/// Home Assistant's recorder as its WebSocket API shows it, with the rules that its documentation and code have: closed
/// metadata of either form, the grammar of ids, hours at their top, imports that are queued and written later, and a
/// queue that a restart loses.
class FakeRecorder {
 public:
  struct Row {
    std::optional<double> state;
    std::optional<double> sum;
    std::optional<double> mean;
    std::optional<double> min;
    std::optional<double> max;
  };
  using Rows = std::map<model::UtcSeconds, Row>;

  /// "2025.6.3"
  explicit FakeRecorder(std::string version) : version_(std::move(version)) {}

  /// Carries out a command, or says why not.
  runtime::Result<json::Value, std::string> command(const json::Object& command);
  /// How many commands go by before an import is written.
  int written_after = 2;
  /// Imports that are not written yet are gone.
  void restart() { queue_.clear(); }
  /// All is gone, or what began in these hours.
  void lose_all();
  void lose(model::UtcSeconds from, model::UtcSeconds until);
  void write_queue();

  const std::string& version() const { return version_; }
  const Rows& rows(const std::string& id) const;
  const std::map<std::string, std::string>& names() const { return names_; }
  std::map<std::string, Rows>& all() { return rows_; }
  /// Imported rows, commands, and the largest answer in rows.
  std::size_t rows_imported = 0;
  std::size_t commands = 0;
  std::size_t largest_answer = 0;

 private:
  struct Job {
    int after;
    std::string id;
    std::string name;
    Rows rows;
  };
  runtime::Result<json::Value, std::string> import(const json::Object& command);
  runtime::Result<json::Value, std::string> read(const json::Value& command);
  std::string complaint_about(const json::Value& metadata) const;

  std::string version_;
  std::deque<Job> queue_;
  std::map<std::string, Rows> rows_;
  std::map<std::string, std::string> names_;
};

}  // namespace emporia::tests
