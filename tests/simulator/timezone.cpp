#include "simulator/timezone.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

namespace simulator {
namespace {

Seconds big_endian(const std::string& bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  if (width == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
  return static_cast<Seconds>(value);
}

// RFC 8536: the counts of a header, in the file's order.
struct Header {
  std::size_t is_ut, is_std, leap, times, types, letters;
  std::size_t body(std::size_t time_width) const {
    return times * (time_width + 1) + types * 6 + letters + leap * (time_width + 4) + is_std + is_ut;
  }
};
constexpr std::size_t kHeader = 44;

bool read_header(const std::string& bytes, std::size_t at, Header& header) {
  if (bytes.size() < at + kHeader || bytes.compare(at, 4, "TZif") != 0) return false;
  const auto count = [&](std::size_t i) { return static_cast<std::size_t>(big_endian(bytes, at + 20 + i * 4, 4)); };
  header = {count(0), count(1), count(2), count(3), count(4), count(5)};
  return true;
}

// "5", "-3:30", "+01:00:00", seconds; moves `p` behind it.
Seconds read_clock(const char*& p) {
  const bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  Seconds total = 0;
  for (Seconds unit = kHour; unit > 0; unit /= 60) {
    char* end = nullptr;
    total += unit * std::strtol(p, &end, 10);
    p = end;
    if (*p != ':') break;
    ++p;
  }
  return negative ? -total : total;
}

void skip_name(const char*& p) {
  if (*p == '<') {
    while (*p != '\0' && *p != '>') ++p;
    if (*p == '>') ++p;
    return;
  }
  while (std::isalpha(static_cast<unsigned char>(*p)) != 0) ++p;
}

}  // namespace

CivilDate civil(Seconds local_day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{local_day}}};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())};
}

Seconds days_from_civil(CivilDate date) {
  const std::chrono::year_month_day day{std::chrono::year{date.year}, std::chrono::month{date.month},
                                        std::chrono::day{date.day}};
  return std::chrono::sys_days{day}.time_since_epoch().count();
}

unsigned weekday_of(Seconds local_day) {
  return static_cast<unsigned>(((local_day + 4) % 7 + 7) % 7);
}

std::shared_ptr<const Timezone> Timezone::utc() {
  static const auto zone = std::make_shared<const Timezone>();
  return zone;
}

std::shared_ptr<const Timezone> Timezone::find(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const Timezone>> known;
  if (name == "UTC") return utc();
  if (name.empty() || name.front() == '/' || name.find("..") != std::string::npos) return nullptr;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(name); found != known.end()) return found->second;
  const std::string path = "/usr/share/zoneinfo/" + name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return nullptr;
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto zone = std::make_shared<Timezone>();
  if (!zone->read(bytes)) return nullptr;
  known[name] = zone;
  return zone;
}

bool Timezone::read(const std::string& bytes) {
  Header old{};
  Header header{};
  if (!read_header(bytes, 0, old)) return false;
  // The second part repeats the first with times of 64 bits.
  const std::size_t second = kHeader + old.body(4);
  if (!read_header(bytes, second, header)) return false;
  const std::size_t times = second + kHeader;
  const std::size_t kinds = times + header.times * 8;
  const std::size_t types = kinds + header.times;
  const std::size_t footer = times + header.body(8);
  if (bytes.size() < footer || header.types == 0) return false;
  const auto offset_of = [&](std::size_t type) { return big_endian(bytes, types + type * 6, 4); };
  first_offset_ = offset_of(0);
  for (std::size_t i = 0; i < header.times; ++i) {
    at_.push_back(big_endian(bytes, times + i * 8, 8));
    offset_.push_back(offset_of(static_cast<unsigned char>(bytes[kinds + i])));
  }
  if (bytes.size() > footer + 2) read_rule(bytes.substr(footer + 1, bytes.size() - footer - 2));
  return true;
}

// POSIX, as in "EST5EDT,M3.2.0,M11.1.0". Rules by day of the year are not used by the zones there are today.
void Timezone::read_rule(const std::string& rule) {
  const char* p = rule.c_str();
  skip_name(p);
  standard_ = -read_clock(p);
  summer_ = standard_;
  has_rule_ = true;
  if (*p == '\0') return;
  skip_name(p);
  summer_ = *p != ',' && *p != '\0' ? -read_clock(p) : standard_ + kHour;
  for (Change* change : {&to_summer_, &to_standard_}) {
    if (p[0] != ',' || p[1] != 'M') {
      has_rule_ = false;
      return;
    }
    char* end = nullptr;
    change->month = static_cast<int>(std::strtol(p + 2, &end, 10));
    change->week = static_cast<int>(std::strtol(end + 1, &end, 10));
    change->weekday = static_cast<int>(std::strtol(end + 1, &end, 10));
    p = end;
    if (*p == '/') change->time = read_clock(++p);
  }
}

Seconds Timezone::offset_by_rule(Seconds utc) const {
  if (summer_ == standard_) return standard_;
  const int year = civil(floor_to(utc + standard_, kDay) / kDay).year;
  const auto moment = [&](const Change& change, Seconds offset_before) {
    const Seconds first = days_from_civil({year, static_cast<unsigned>(change.month), 1});
    Seconds day = first + (change.weekday - static_cast<Seconds>(weekday_of(first)) + 7) % 7 + (change.week - 1) * 7;
    if (civil(day).month != static_cast<unsigned>(change.month)) day -= 7;
    return day * kDay + change.time - offset_before;
  };
  const Seconds begin = moment(to_summer_, standard_);
  const Seconds end = moment(to_standard_, summer_);
  const bool summer = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
  return summer ? summer_ : standard_;
}

Seconds Timezone::offset_at(Seconds utc) const {
  const auto next = std::upper_bound(at_.begin(), at_.end(), utc);
  if (next == at_.end() && has_rule_) return offset_by_rule(utc);
  if (next == at_.begin()) return first_offset_;
  return offset_[static_cast<std::size_t>(next - at_.begin()) - 1];
}

Seconds Timezone::local_day(Seconds utc) const {
  return floor_to(utc + offset_at(utc), kDay) / kDay;
}

Seconds Timezone::midnight(Seconds local_day) const {
  const Seconds local = local_day * kDay;
  const Seconds before = offset_at(local - kDay);
  const Seconds after = offset_at(local + kDay);
  if (offset_at(local - before) == before || before == after) return local - before;
  if (offset_at(local - after) == after) return local - after;
  return local - before;
}

}  // namespace simulator
