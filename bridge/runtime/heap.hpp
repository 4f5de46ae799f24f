#pragma once

namespace emporia::runtime {

/// Gives pages that the heap does not use back to the system. After the reply of a fleet, of megabytes in small pieces,
/// the C library would keep most of them for ever. Takes a millisecond or some; any thread may call.
void give_back_memory();

}  // namespace emporia::runtime
