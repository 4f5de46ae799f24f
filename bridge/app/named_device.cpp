#include "app/named_device.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "homeassistant/names.hpp"
#include "mqtt/message.hpp"
#include "runtime/text.hpp"
#include "settings/nearest.hpp"

namespace emporia::app {
namespace {

using Found = runtime::Result<const model::DevicePicture*, std::string>;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

}  // namespace

Found named_device(const model::Home& home, const std::map<std::string, std::string>& names, std::string_view typed) {
  if (home.devices().empty()) {
    return runtime::Failure{std::string("no device is known so far: ask again when the list of devices has been read")};
  }
  std::vector<const model::DevicePicture*> bearers;
  std::vector<std::string> labels;
  const std::string wanted = lower(homeassistant::clean_name(typed));
  for (const auto& [id, picture] : home.devices()) {
    if (id.text() == typed || mqtt::topic_id(id.text()) == typed) return &picture;
    const auto named = names.find(id.text());
    labels.push_back(homeassistant::device_label(picture.device,
                                                 named == names.end() ? std::nullopt : std::optional(named->second)));
    if (lower(labels.back()) == wanted) bearers.push_back(&picture);
  }
  if (bearers.size() == 1) return bearers.front();
  if (bearers.size() > 1) {
    std::string ids;
    for (const model::DevicePicture* bearer : bearers) {
      if (ids.size() > 200) break;
      ids += (ids.empty() ? "" : ", ") + settings::in_quotes(bearer->device.id.text());
    }
    return runtime::Failure{runtime::concat(bearers.size(), " devices are called ", settings::in_quotes(typed),
                                            ": give the id of one instead (", ids, ")")};
  }
  std::vector<std::string_view> candidates(labels.begin(), labels.end());
  for (const auto& [id, picture] : home.devices()) candidates.push_back(id.text());
  const std::string_view near = settings::nearest(typed, candidates);
  return runtime::Failure{runtime::concat("no device has the id or the name ", settings::in_quotes(typed),
                                          near.empty()
                                              ? ": bridge/devices lists them all"
                                              : runtime::concat("; is ", settings::in_quotes(near), " meant?"))};
}

}  // namespace emporia::app
