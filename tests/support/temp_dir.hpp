#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace emporia::support {

/// A folder of its own, deleted with everything in it at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The path of a file in it, made or not.
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  /// Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// The content of a file; throws when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace emporia::support
