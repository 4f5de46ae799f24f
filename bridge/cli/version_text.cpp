#include "cli/version_text.hpp"

#include "app/commit.hpp"
#include "app/version.hpp"
#include "cli/cells.hpp"
#include "json/libraries.hpp"
#include "ledger/libraries.hpp"
#include "mqtt/libraries.hpp"
#include "partner/libraries.hpp"
#include "runtime/text.hpp"
#include "settings/libraries.hpp"

namespace emporia::cli {

std::string version_text(const std::string& cli11) {
  constexpr std::size_t kNameColumns = 21;
  std::string text = runtime::concat("emporia2mqtt ", app::kVersion, " (commit ", app::kCommit, ")");
  const auto add = [&](const runtime::Libraries& libraries) {
    for (const runtime::Library& library : libraries) {
      text += "\n  " + left_aligned(library.name, kNameColumns) + library.version;
    }
  };
  for (const auto libraries : {partner::libraries, mqtt::libraries, ledger::libraries, runtime::libraries,
                               json::libraries, settings::libraries}) {
    add(libraries());
  }
  add({{"CLI11", cli11}});
  return text;
}

}  // namespace emporia::cli
