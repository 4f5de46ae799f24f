#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace emporia::settings {

/// The candidate that was most likely meant, or an empty text when none is near. Swapped, missing, added and wrong
/// letters count; case and the choice between '-', '_' and ' ' do not.
std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& candidates);

/// Foreign text for a message: quoted, control characters as '?', cut after 60 bytes.
std::string in_quotes(std::string_view text);

/// A key as it stands in a file: bare where it is a bare key of TOML and not long, else in_quotes().
std::string as_key(std::string_view key);

/// `"a", "b" and "c"` with `last` ("and", "or") before the last one; `quote` off for bare words.
std::string listed(const std::vector<std::string_view>& words, std::string_view last, bool quote = true);

}  // namespace emporia::settings
