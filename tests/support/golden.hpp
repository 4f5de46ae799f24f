#pragma once

#include <string>

namespace emporia::support {

/// Compares a transcript with tests/golden/<name>.txt, which is written by hand and reads like a story; its blank lines
/// and those that begin with '#' explain. Fails the test case that runs and names the first line that differs.
void check_golden(const std::string& name, const std::string& transcript);

}  // namespace emporia::support
