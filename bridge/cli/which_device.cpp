#include "cli/which_device.hpp"

#include <algorithm>

#include "cli/cells.hpp"
#include "runtime/text.hpp"
#include "settings/nearest.hpp"

namespace emporia::cli {
namespace {

using runtime::concat;

/// Case of ASCII letters does not count.
std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string shown(const NamedDevice& device) {
  return concat(settings::in_quotes(printable(device.name)), " (", printable(device.id), ")");
}

std::string listed(const std::vector<const NamedDevice*>& devices) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(devices.size(), kMost); ++i) text += (i > 0 ? ", " : "") + shown(*devices[i]);
  if (devices.size() > kMost) text += concat(" and ", devices.size() - kMost, " more");
  return text;
}

template <typename Matches>
std::vector<const NamedDevice*> all_that(const std::vector<NamedDevice>& devices, Matches matches) {
  std::vector<const NamedDevice*> found;
  for (const NamedDevice& device : devices) {
    if (matches(device)) found.push_back(&device);
  }
  return found;
}

}  // namespace

runtime::Result<NamedDevice, std::string> which_device(const std::vector<NamedDevice>& devices,
                                                       std::string_view typed) {
  const std::string wanted = folded(typed);
  const auto begins = [&](const std::string& text) {
    return !wanted.empty() && folded(text).compare(0, wanted.size(), wanted) == 0;
  };
  // An id first: a name is whatever its owner likes, another device's id included.
  const std::vector<const NamedDevice*> tries[] = {
      all_that(devices, [&](const NamedDevice& device) { return device.id == typed; }),
      all_that(devices, [&](const NamedDevice& device) { return folded(device.id) == wanted; }),
      all_that(devices, [&](const NamedDevice& device) { return folded(device.name) == wanted; }),
      all_that(devices, [&](const NamedDevice& device) { return begins(device.id) || begins(device.name); }),
  };
  for (const auto& found : tries) {
    if (found.size() == 1) return *found.front();
    if (found.size() > 1) {
      return runtime::Failure{concat(settings::in_quotes(typed), " may be ", listed(found), ": use the id")};
    }
  }
  if (devices.empty()) return runtime::Failure{concat("no device ", settings::in_quotes(typed), ": there are none")};
  std::vector<std::string_view> names;
  for (const NamedDevice& device : devices) names.insert(names.end(), {device.id, device.name});
  const std::string_view near = settings::nearest(typed, names);
  std::string text = concat("no device ", settings::in_quotes(typed));
  if (!near.empty()) return runtime::Failure{concat(text, "; did you mean ", settings::in_quotes(near), "?")};
  return runtime::Failure{concat(text, "; there are ", listed(all_that(devices, [](const auto&) { return true; })))};
}

}  // namespace emporia::cli
