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

std::size_t utf8_length(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0u) == 0xe0 ? 3 : 4;
    if (lead == 0 || (lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || i + length > text.size()) return i;
    for (std::size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      // The second byte is bounded further: no long forms, no surrogates, nothing above U+10FFFF.
      const unsigned low = k > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
      const unsigned high = k > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
      if (byte < low || byte > high) return i;
    }
    i += length;
  }
  return i;
}

}  // namespace emporia::settings
