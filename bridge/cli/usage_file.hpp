#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "cli/usage_rows.hpp"
#include "runtime/result.hpp"

namespace emporia::cli {

/// A CSV file of usage that is written row by row and continued where it ends, so that what was stopped is not lost.
class UsageFile {
 public:
  /// Opens `path` or makes it. One that is there must have been written by this command with the same columns and
  /// scale; a last line that was not finished is taken off. The error is a sentence with what to do, and nothing is
  /// changed then.
  static runtime::Result<UsageFile, std::string> open(const std::string& path, const UsageColumns& columns,
                                                      model::Scale scale);

  /// Start of the last bucket in it; nothing in a new one.
  const std::optional<model::UtcSeconds>& last() const { return last_; }
  /// Adds rows that begin after last(); others are passed over. False when they could not be written.
  bool add(const UsageRows& rows);

 private:
  UsageFile() = default;
  std::ofstream file_;
  std::optional<model::UtcSeconds> last_;
};

}  // namespace emporia::cli
