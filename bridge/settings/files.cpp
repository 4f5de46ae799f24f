#include "settings/files.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/text.hpp"

namespace emporia::settings {
namespace {

using runtime::concat;

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

std::string reason_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return "does not exist";
  if (error == EACCES || error == EPERM) {
    return concat("must not be read by this user (uid ", ::geteuid(), "); change its owner or its mode");
  }
  return concat("cannot be read: ", std::strerror(error));
}

}  // namespace

runtime::Result<FileContent, std::string> read_file(const std::filesystem::path& path, std::size_t most) {
  // Without waiting, since opening a pipe waits for its other end.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return runtime::Failure{reason_of(errno)};
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return runtime::Failure{reason_of(errno)};
  if (S_ISDIR(status.st_mode)) return runtime::Failure{std::string("is a directory, expected a file")};
  if (!S_ISREG(status.st_mode)) return runtime::Failure{std::string("is not a regular file")};

  constexpr mode_t kOthers = 077;
  FileContent content;
  content.open_to_others = (status.st_mode & kOthers) != 0;
  std::array<char, 16 * 1024> part{};
  while (content.text.size() <= most) {
    const ssize_t count = ::read(file.number(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return runtime::Failure{reason_of(errno)};
    if (count == 0) return content;
    content.text.append(part.data(), static_cast<std::size_t>(count));
  }
  return runtime::Failure{concat("is larger than ", most, " bytes")};
}

}  // namespace emporia::settings
