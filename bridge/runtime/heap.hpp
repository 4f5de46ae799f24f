#pragma once

namespace emporia::runtime {

/// Lets the threads share two heaps. By itself the C library gives each of the fifteen or so that gRPC and Paho make
/// one of its own, of which some hundred kilobytes are kept for ever. To be called before there are threads.
void share_heaps();

/// Gives pages that the heap does not use back to the system. After the reply of a fleet, of megabytes in small pieces,
/// the C library would keep most of them for ever. Takes a millisecond or some; any thread may call.
void give_back_memory();

}  // namespace emporia::runtime
