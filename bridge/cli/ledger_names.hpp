#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cli/ledger_view.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// Names by device id.
using LedgerNamesById = std::map<std::string, LedgerNames>;

/// What the bridge's list of devices tells, a stranger's text: what cannot be read is left out.
LedgerNamesById names_in(std::string_view devices_payload);

struct FoundNames {
  LedgerNamesById names;
  /// Why the broker has none; empty when it has.
  std::string trouble;
};
/// The names that stand at the broker, before them those of the configuration. Waits for the broker.
FoundNames find_names(const settings::Settings& settings);

}  // namespace emporia::cli
