#include "partner/oddities.hpp"

namespace emporia::partner {

const char* word(Oddity oddity) {
  switch (oddity) {
    case Oddity::device_without_id:
      return "a device without a usable id";
    case Oddity::device_twice:
      return "a device listed twice";
    case Oddity::device_not_asked_for:
      return "a device that was not asked for";
    case Oddity::unknown_model:
      return "a device model newer than this program";
    case Oddity::bad_circuit:
      return "a circuit with an impossible or repeated channel number";
    case Oddity::wrong_scale:
      return "usage at another scale than asked for";
    case Oddity::bad_bucket:
      return "a bucket off its edge, repeated or outside the range asked for";
    case Oddity::bad_channel:
      return "usage of an impossible or repeated channel";
    case Oddity::unequal_lengths:
      return "a channel with more or fewer values than buckets";
    case Oddity::impossible_value:
      return "a value no circuit can have measured";
    case Oddity::missing_settings:
      break;
  }
  return "a device without all of its settings";
}

}  // namespace emporia::partner
