#include "support/fake_clock.hpp"

#include <ctime>
#include <fcntl.h>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace emporia::support {
namespace {

std::int64_t read_real(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  constexpr std::int64_t kSecond = 1'000'000'000;
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace

FakeClock::FakeClock(int rate, std::optional<std::chrono::sys_seconds> start)
    : path_(folder_.write("clock", std::string(sizeof(ClockPage), '\0'))) {
  const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  void* const memory =
      fd < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof(ClockPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd >= 0) ::close(fd);
  if (memory == MAP_FAILED) throw std::runtime_error("no fake clock can be made");
  // The programs may run as another user.
  ::chmod(path_.c_str(), 0644);
  ::chmod(folder_.path().c_str(), 0755);
  page_ = new (memory) ClockPage;
  page_->rate = rate;
  page_->real_base = read_real(CLOCK_MONOTONIC);
  page_->system_base = start ? std::chrono::nanoseconds(start->time_since_epoch()).count() : read_real(CLOCK_REALTIME);
}

FakeClock::~FakeClock() {
  ::munmap(page_, sizeof(ClockPage));
}

std::vector<std::pair<std::string, std::string>> FakeClock::environment() const {
  return {{"LD_PRELOAD", FAKE_CLOCK_LIBRARY},
          {ClockPage::kVariable, path_},
          // An address sanitizer in the program wants to be loaded first otherwise.
          {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
}

std::chrono::sys_seconds FakeClock::true_time() const {
  const std::int64_t now = page_->system(read_real(CLOCK_MONOTONIC)) - page_->system_offset;
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(now)));
}

void FakeClock::set(std::chrono::seconds from_true) {
  page_->system_offset = std::chrono::nanoseconds(from_true).count();
}

std::chrono::milliseconds FakeClock::real(std::chrono::seconds fake) const {
  return std::chrono::milliseconds(fake) / page_->rate;
}

}  // namespace emporia::support
