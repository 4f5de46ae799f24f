#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulator/clock.hpp"

namespace simulator {

/// The moments at which a place changes its clocks, read from the system's time zone files. Never touches the process's
/// TZ, so any thread may ask for any zone at any time.
class Timezone {
 public:
  /// Nothing when the system does not know the name.
  static std::shared_ptr<const Timezone> find(const std::string& name);
  static std::shared_ptr<const Timezone> utc();

  /// Seconds to add to UTC at that moment.
  Seconds offset_at(Seconds utc) const;
  /// Days since 1970-01-01 on the local calendar.
  Seconds local_day(Seconds utc) const;
  /// The first moment of that local day; where clocks skip midnight, the moment of the skip.
  Seconds midnight(Seconds local_day) const;

 private:
  /// One side of a yearly rule such as "M3.2.0/2": the second Sunday of March at two.
  struct Change {
    int month = 0;
    int week = 0;
    int weekday = 0;
    Seconds time = 2 * kHour;
  };
  bool read(const std::string& bytes);
  void read_rule(const std::string& rule);
  Seconds offset_by_rule(Seconds utc) const;

  std::vector<Seconds> at_;
  std::vector<Seconds> offset_;  // from at_[i] on
  Seconds first_offset_ = 0;
  // What holds after the last listed change, from the file's footer.
  bool has_rule_ = false;
  Seconds standard_ = 0;
  Seconds summer_ = 0;
  Change to_summer_;
  Change to_standard_;
};

struct CivilDate {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
};
CivilDate civil(Seconds local_day);
Seconds days_from_civil(CivilDate date);
/// 0 is Sunday.
unsigned weekday_of(Seconds local_day);

}  // namespace simulator
