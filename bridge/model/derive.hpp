#pragma once

#include "model/by_channel.hpp"
#include "model/device.hpp"
#include "model/energy.hpp"

namespace emporia::model {

/// When each channel last had a value: the end of that bucket.
using LastKnown = ByChannel<UtcSeconds>;

/// Appends what is computed bucket by bucket to a monitor's usage; other models stay as they are.
///  - kMergedMains: the legs summed; positive imports, negative exports.
///  - kBalance: merged mains less all circuits, which is what no circuit measures. Generation counts with its sign, so
///  a
///    solar circuit adds to what the house used. May be negative; that is shown, not hidden.
/// A sum over an incomplete bucket would look like a dip, so a bucket is kMissing when a channel that belongs in it is.
/// A channel belongs in a bucket when it has a value anywhere in this usage or had one within the 24 hours before: a
/// leg that was never fitted is not waited for, nor is one whose clamp was taken off days ago.
/// Channels above 19 are taken for merged circuits, which would count their legs twice, and are left out of the
/// balance.
void append_derived(DeviceUsage& usage, const Device& device, const LastKnown& last_known);

}  // namespace emporia::model
