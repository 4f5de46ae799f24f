#include "homeassistant/component_sets.hpp"

#include <utility>

namespace emporia::homeassistant {

Shared merged(const Shared& base, const Shared& more, const Discovery* except) {
  if (more == nullptr) return base;
  Components added;
  for (const auto& [key, component] : more->components) {
    const bool known = base != nullptr && base->components.count(key) != 0;
    if (!known && (except == nullptr || except->components.count(key) == 0)) added.emplace(key, component);
  }
  if (added.empty()) return base;
  Discovery result = base == nullptr ? Discovery{more->object, more->topic, more->head, {}} : *base;
  result.components.merge(added);
  return std::make_shared<const Discovery>(std::move(result));
}

Shared left_out(const Shared& discovery, const Shared& wanted) {
  if (discovery == nullptr || discovery == wanted) return nullptr;
  return merged(nullptr, discovery, wanted.get());
}

bool has(const Shared& discovery, const std::string& key) {
  return discovery != nullptr && discovery->components.count(key) != 0;
}

}  // namespace emporia::homeassistant
