#pragma once

#include <string>
#include <vector>

#include "cli/ledger_view.hpp"
#include "json/value.hpp"
#include "ledger/audit.hpp"

namespace emporia::cli {

/// How the ledger was held against the service.
struct LedgerAudit {
  model::UtcSeconds from;
  model::UtcSeconds until;
  /// "minutes", "fifteen_minutes, minutes": what the service was asked for.
  std::string scales;
  ledger::Audit audit;
};

/// What differs, what was left out and the verdict, a line each.
std::vector<std::string> audit_text(const LedgerDevice& device, const LedgerAudit& audit);
json::Value audit_json(const LedgerDevice& device, const LedgerAudit& audit);

}  // namespace emporia::cli
