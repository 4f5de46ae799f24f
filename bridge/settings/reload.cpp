#include "settings/reload.hpp"

#include <variant>

#include "runtime/text.hpp"
#include "settings/options.hpp"

namespace emporia::settings {

Differences take_over(Settings& running, const Settings& fresh) {
  // A slot hands out what may be written to; of the fresh ones only a copy is.
  Settings wanted = fresh;
  Differences differences;
  for (const Option& option : options()) {
    const auto compare = [&](auto slot) {
      if (slot(running) == slot(wanted)) return;
      auto& names = option.change == Change::live ? differences.live : differences.at_start;
      names.push_back(runtime::concat("[", option.section, "] ", option.name));
      if (option.change == Change::live) slot(running) = slot(wanted);
    };
    std::visit(compare, option.slot);
  }
  // The ledger is told of the groups before its first booking.
  if (running.groups != wanted.groups) differences.at_start.push_back(runtime::concat("[[", kGroupTable, "]]"));
  return differences;
}

}  // namespace emporia::settings
