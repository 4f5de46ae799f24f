#include "support/standard_error.hpp"

#include <cstdio>
#include <stdexcept>
#include <unistd.h>

#include "support/temp_dir.hpp"

namespace emporia::support {
namespace {

/// Standard error goes to a file while it lives.
class Redirected {
 public:
  explicit Redirected(const std::string& path) : file_(std::fopen(path.c_str(), "w")) {
    if (file_ == nullptr) throw std::runtime_error("cannot write " + path);
    std::fflush(stderr);
    before_ = dup(STDERR_FILENO);
    dup2(fileno(file_), STDERR_FILENO);
  }
  ~Redirected() {
    std::fflush(stderr);
    dup2(before_, STDERR_FILENO);
    close(before_);
    std::fclose(file_);
  }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

 private:
  std::FILE* file_;
  int before_ = -1;
};

}  // namespace

std::string standard_error_of(const std::function<void()>& say) {
  const TempDir folder;
  const std::string path = folder.file("stderr");
  {
    const Redirected redirected(path);
    say();
  }
  return read_file(path);
}

}  // namespace emporia::support
