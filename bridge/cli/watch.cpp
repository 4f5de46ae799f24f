#include "cli/commands.hpp"

namespace emporia::cli {

app::ExitCode watch(const Watch&) {
  return app::ExitCode::internal;
}

}  // namespace emporia::cli
