#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "ledger/group.hpp"
#include "ledger/micro_wh.hpp"
#include "model/by_channel.hpp"
#include "model/device.hpp"
#include "model/energy.hpp"
#include "runtime/result.hpp"

namespace emporia::ledger {

/// The lifetime energy of one channel of one device.
struct Counter {
  /// Sums of the positive buckets and of the negative ones without their sign, exactly as the service tells them now: a
  /// bucket that is revised may lower them.
  MicroWh positive = 0;
  MicroWh negative = 0;
  /// What is shown of them, which never falls: after a downward revision it stays until the exact sum has passed it.
  MicroWh shown_positive = 0;
  MicroWh shown_negative = 0;
  /// What is shown of positive less negative, which may go either way by nature.
  MicroWh shown_net = 0;
  /// Start of the first booked bucket and end of the newest one.
  model::UtcSeconds booked_from;
  model::UtcSeconds booked_until;

  MicroWh net() const { return positive - negative; }
  double positive_wh() const { return to_wh(positive); }
  double negative_wh() const { return to_wh(negative); }
  double net_wh() const { return to_wh(net()); }
  /// Lets what is shown follow what is exact. To be called once a booking, because only what was committed was shown.
  void show() {
    shown_positive = std::max(shown_positive, positive);
    shown_negative = std::max(shown_negative, negative);
    shown_net = std::max(shown_net, net());
  }
  friend bool operator==(const Counter&, const Counter&) = default;
};
using Counters = model::ByChannel<Counter>;

/// What is to be booked of one device.
struct Booking {
  model::DeviceUsage usage;
  /// Decides what is computed besides the channels: a monitor's merged mains and balance.
  model::DeviceModel model = model::DeviceModel::unknown;
  /// The settled horizon: buckets that end after it are left alone.
  model::UtcSeconds settled_until = model::UtcSeconds::max();
  /// When the service told this; it is remembered with what it revises.
  model::UtcSeconds told_at{};
};

/// What one booking changed of one device, for the usage topic; missing values left out.
struct BookedSpan {
  model::DeviceId device;
  model::Scale scale = model::Scale::minutes;
  struct Bucket {
    model::UtcSeconds start;
    double energy_wh = 0;
  };
  /// Of each channel by ascending start.
  model::ByChannel<std::vector<Bucket>> channels;
  /// The buckets had been booked before with other values.
  bool revised = false;
};

/// An hour of a device in which values are missing that there should be.
struct Hole {
  model::UtcSeconds hour;
  /// How often it has been asked for again without all of it coming, and when last.
  unsigned attempts = 0;
  model::UtcSeconds asked_at;
  /// The minutes of it that some channel lacks.
  unsigned missing_minutes = 0;
  friend bool operator==(const Hole&, const Hole&) = default;
};

/// The energy of a device from some moment to its newest booked bucket.
struct EnergySince {
  /// The moment asked for, or where the device's bookings begin when that is later.
  model::UtcSeconds since;
  /// Of every channel that has a counter, by the service's latest values: it may fall. Empty when it is not known.
  model::ByChannel<Sums> channels;
};

/// A booking that was not made; nothing of it is stored.
struct LedgerError {
  /// For people: what happened and what to do.
  std::string text;
};

/// The bridge's memory of energy. Everything it returns is committed: what is published from it cannot be lost.
///
/// The law: a counter is the sum of the service's latest values of all buckets from the device's first booked one on,
/// each counted once, in whatever order, overlap and repetition they come and however often they are revised.
///  - A bucket without a value is missing. It is not zero, and its value is booked whenever it comes.
///  - A stretch of time is counted in the scale it was first told in. Of a coarser bucket only what the finer ones
///    booked within it leave over is added, and finer ones within a coarser one that is booked add nothing.
///  - A bucket may be revised for as long as its hour is kept in full: kWindow back from the newest, and while
///    something is missing in the hour, or an outage followed within it, kIncompleteKept back.
///  - Merged mains and balance follow the values that their channels have in a minute, and begin to count in it when no
///    channel that belongs there is missing.
///  - A group follows the values that its members have in a minute, by their sign and share, and begins to count in it
///    when every member has one. Its counters are the positive and the negative sums.
/// Belongs to the loop's thread. Long because all that a ledger promises stands in one place.
class UsageLedger {
 public:
  /// The day within which the service revises, and time until that is read: the pace of reading again, calls that fail,
  /// and half a day of outage, which is filled at one go.
  static constexpr std::chrono::hours kWindow{40};
  static constexpr std::chrono::hours kIncompleteKept{35 * 24};
  /// Hours older than this are forgotten unless told otherwise, and usage that old is not booked.
  static constexpr std::chrono::hours kHoursKept{400 * 24};

  virtual ~UsageLedger() = default;
  /// The counters of a device; empty where nothing was ever booked.
  virtual const Counters& counters(const model::DeviceId& device) const = 0;
  /// The newest `booked_until` of them, without looking at each: a fleet's plan asks it of every device.
  virtual std::optional<model::UtcSeconds> booked_until(const model::DeviceId& device) const = 0;
  /// The energy from each of these moments on, exact to the minute, in the order asked. The ledger goes on counting
  /// from them, and from no others, until asked for others: asking again costs nothing then. Asked for a moment whose
  /// hour is a sum already, it shares that hour evenly.
  virtual std::vector<EnergySince> energy_since(const model::DeviceId& device,
                                                const std::vector<model::UtcSeconds>& moments) = 0;
  /// Books everything in one transaction. What is before a device's first booking is left alone.
  virtual runtime::Result<std::vector<BookedSpan>, LedgerError> book(const std::vector<Booking>& bookings) = 0;
  /// Which sums are kept of devices' channels, in their bookings' transactions, in accounts of their own; each name
  /// once. To be called before the first booking. A group counts from what its devices have booked when it is first
  /// named; one whose members are others than last time goes on from there in the same way, and keeps what it has
  /// counted.
  virtual runtime::Result<runtime::Done, LedgerError> set_groups(std::vector<Group> groups) = 0;
  /// Lets channels without any booking go on from what an earlier ledger had counted until their `booked_until`, so
  /// that counters survive the loss of the file. `last` tells the sums, exact and shown. All of them in one
  /// transaction: a device of which some are stored would not be asked for the others again. False when one of them has
  /// bookings, or the device has some from before `booked_until`, or nothing can be stored; nothing is changed then.
  virtual bool adopt(const model::DeviceId& device, const Counters& last) = 0;
  /// For a device with bookings, which another bridge has counted meanwhile: what is shown of its channels becomes no
  /// less than what `last` says was shown, and stands still until what is booked here has passed it; the exact sums
  /// stay this ledger's own. True when it is so, also where nothing had to change; false when it cannot be stored.
  virtual bool show_at_least(const model::DeviceId& device, const Counters& last) = 0;
  /// The hours of a device between two times in which values are missing, oldest first, at most `most`. An hour counts
  /// for a channel from its first value until a day after its newest one.
  virtual std::vector<Hole> holes(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until,
                                  std::size_t most) const = 0;
  /// Remembers, across restarts, that these hours were asked for again at `when` and something is missing still.
  virtual runtime::Result<runtime::Done, LedgerError> asked_again(const model::DeviceId& device,
                                                                  const std::vector<model::UtcSeconds>& hours,
                                                                  model::UtcSeconds when) = 0;
  /// Why what was to be kept last, energy or anything else in the same file, could not be: a sentence for people. Empty
  /// when it could.
  virtual const std::string& trouble() const = 0;
};

}  // namespace emporia::ledger
