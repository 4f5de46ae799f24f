#include "simulator/buckets.hpp"

namespace simulator {

Buckets::Buckets(Scale scale, const Timezone& zone, const Behaviour& behaviour, unsigned billing_day)
    : scale_(scale),
      zone_(zone),
      first_weekday_(behaviour.is("week_start", "monday")     ? 1U
                     : behaviour.is("week_start", "saturday") ? 6U
                                                              : 0U),
      month_day_(behaviour.is("months", "billing") && billing_day > 0 ? billing_day : 1U) {}

Seconds Buckets::width() const {
  return scale_ == Scale::minutes ? kMinute : scale_ == Scale::fifteen_minutes ? 15 * kMinute : kHour;
}

// The day on which the bucket begins that holds `local_day`.
Seconds Buckets::local_start(Seconds local_day) const {
  if (scale_ == Scale::weeks) return local_day - (weekday_of(local_day) + 7 - first_weekday_) % 7;
  const CivilDate date = civil(local_day);
  if (scale_ == Scale::years) return days_from_civil({date.year, 1, 1});
  if (scale_ != Scale::months) return local_day;
  if (date.day >= month_day_) return days_from_civil({date.year, date.month, month_day_});
  if (date.month == 1) return days_from_civil({date.year - 1, 12, month_day_});
  return days_from_civil({date.year, date.month - 1, month_day_});
}

Seconds Buckets::start_of(Seconds time) const {
  if (!by_calendar()) return floor_to(time, width());
  return zone_.midnight(local_start(zone_.local_day(time)));
}

Seconds Buckets::next(Seconds start) const {
  if (!by_calendar()) return start + width();
  // Any day safely inside the following bucket leads to its start.
  static constexpr Seconds kAhead[] = {1, 7, 31, 366};
  const Seconds day = zone_.local_day(start) + kAhead[static_cast<int>(scale_) - static_cast<int>(Scale::days)];
  return zone_.midnight(local_start(day));
}

}  // namespace simulator
