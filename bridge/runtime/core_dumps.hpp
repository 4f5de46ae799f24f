#pragma once

namespace emporia::runtime {

/// From now on the process leaves no core dump and lets no other process of its user read its memory, which holds
/// passwords and the token. root can still attach a debugger. False, and nothing done, in a build with sanitizers,
/// whose search for leaks reads that memory itself.
bool keep_memory_private();

}  // namespace emporia::runtime
