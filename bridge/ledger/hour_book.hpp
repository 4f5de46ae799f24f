#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/hour.hpp"
#include "model/device.hpp"

namespace emporia::ledger {

/// The hours of a device that are not known to stand elsewhere.
struct DueHours {
  model::DeviceId device;
  /// Start of the first of them, and of the hour in which the newest booked bucket ends: that hour is not over.
  model::UtcSeconds from;
  model::UtcSeconds until;
};

/// One series that was made of hours: which energy of which channel it tells.
struct NamedSeries {
  /// Its identity at the place it is kept in.
  std::string id;
  std::string name;
  model::DeviceId device;
  model::Channel channel = 0;
  /// Of energy the negative buckets, without their sign; of power with its sign turned.
  bool negative = false;
  /// The mean power, not the energy.
  bool power = false;
  friend bool operator==(const NamedSeries&, const NamedSeries&) = default;
};

/// The ledger as a book of hours that are handed on to somebody who keeps them as well, and what of it has been handed
/// on. A booking that changes an hour makes it due again, and every hour after it, in the booking's own transaction.
/// Nothing is due before somebody has asked once. Belongs to the loop's thread.
class HourBook {
 public:
  virtual ~HourBook() = default;
  /// By device; those without a finished hour that is due are left out.
  virtual std::vector<DueHours> due_hours() = 0;
  /// What is kept of the hours that begin between two times, those filled in from before the first booking included; an
  /// hour that cannot be read is `lost`.
  virtual std::map<model::UtcSeconds, Hour> hours(const model::DeviceId& device, model::UtcSeconds from,
                                                  model::UtcSeconds until) = 0;
  /// To be called before the hours are read that will be handed on: what is booked from here on is due again.
  virtual void handing_on(const model::DeviceId& device) = 0;
  /// The hours from `from`, as due_hours() told it, to `until` stand where they should. What became due since
  /// handing_on() stays due.
  virtual void handed_on(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until) = 0;
  /// The series that are made of the hours; one that is known already takes the new name.
  virtual void name_series(const std::vector<NamedSeries>& series) = 0;
  virtual std::vector<NamedSeries> named_series(const model::DeviceId& device) = 0;
};

}  // namespace emporia::ledger
