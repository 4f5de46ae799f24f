#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace emporia::zones {

using UtcSeconds = std::chrono::sys_seconds;

/// From `start` until just before `end`.
struct Span {
  UtcSeconds start;
  UtcSeconds end;
  friend bool operator==(const Span&, const Span&) = default;
};

/// The calendar of a place. A day begins at its local midnight: the first one where clocks are set back over it, the
/// moment of the jump where they skip it. Days are 23 to 25 hours long as a rule, and follow each other without a gap.
/// Cheap to copy.
class Zone {
 public:
  /// UTC.
  Zone();
  /// The local day that holds `time`.
  Span day_of(UtcSeconds time) const;
  /// The billing cycle that holds `time`: from the midnight that begins the `first_day` of a month to the one of the
  /// next month. 1 to 28; anything else counts as 1.
  Span cycle_of(UtcSeconds time, unsigned first_day) const;

 private:
  friend class Zones;
  struct Rules;
  std::shared_ptr<const Rules> rules_;
};

enum class Known {
  yes,
  /// No place of that name is known here.
  no_such_zone,
  /// The system has no time zone data at all.
  no_data
};

struct FoundZone {
  /// UTC when the place is not known.
  Zone zone;
  Known known = Known::yes;
};

/// Zones by their IANA names, from the system's time zone data (/usr/share/zoneinfo, or the folder in TZDIR). Each file
/// is read once, when its name is first asked for; the process's own time zone is not touched.
class Zones {
 public:
  FoundZone find(const std::string& name);

 private:
  std::map<std::string, FoundZone> found_;
};

}  // namespace emporia::zones
