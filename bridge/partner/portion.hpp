#pragma once

#include <vector>

#include "partner/request.hpp"

namespace emporia::partner {

/// Cuts a request for usage so that no reply is estimated above `largest_bytes`: by devices, and where one device alone
/// is too much by time, at the edges of buckets.
std::vector<FetchUsage> portions(const FetchUsage& request, std::size_t largest_bytes);

/// Two halves of a request about several devices, or about one device and a range of several buckets; nothing where
/// it cannot be halved.
std::vector<Request> halves(const Request& request);

/// The same, by devices only.
std::vector<Request> halves_by_device(const Request& request);

}  // namespace emporia::partner
