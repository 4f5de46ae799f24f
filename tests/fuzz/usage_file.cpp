// A CSV file that `usage` is to continue, which a person or a spreadsheet may have changed.
#include "cli/usage_file.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "runtime/time_text.hpp"

namespace emporia::fuzz {
namespace {

const std::string kPath =
    (std::filesystem::temp_directory_path() / ("emporia2mqtt-usage-fuzz-" + std::to_string(::getpid()) + ".csv"))
        .string();

std::string content() {
  std::ifstream file(kPath, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What a program makes a formula of, as the first thing in a cell.
bool has_formula(const std::string& header) {
  bool begins = true;
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') {
      quoted = !quoted;
      continue;
    }
    if (begins && std::string_view("=+-@\t\r").find(c) != std::string_view::npos) return true;
    begins = c == ',' && !quoted;
  }
  return false;
}

}  // namespace

std::string broken_law(std::string_view input) {
  Bytes bytes(input);
  model::Device outlet;
  outlet.id = model::DeviceId("B1");
  outlet.model = bytes.flag() ? model::DeviceModel::outlet : model::DeviceModel::vue2;
  outlet.circuits = {{4, model::CircuitType::expansion_50a, model::EnergyDirection::consumption, "", bytes.text()}};
  const cli::UsageColumns columns = cli::usage_columns(outlet, "Lamp");
  const std::string header = cli::csv_header(columns);
  if (header.find('\n') != std::string::npos) return "a header of two lines";
  if (has_formula(header)) return "a cell that a spreadsheet runs: " + header;
  const auto scale = static_cast<model::Scale>(bytes.below(7));
  // As it was left behind: the columns of then and any rows, or anything.
  const std::string before = (bytes.flag() ? header + "\n" : std::string()) + std::string(bytes.rest());
  std::ofstream(kPath, std::ios::binary) << before;
  auto opened = cli::UsageFile::open(kPath, columns, scale);
  if (!opened) {
    if (opened.error().empty()) return "refused without a reason";
    return content() == before ? "" : "refused, and changed all the same";
  }
  const auto last = opened.value().last();
  const model::UtcSeconds earlier = last.value_or(model::UtcSeconds{}) - std::chrono::seconds{60};
  const model::UtcSeconds later = last.value_or(model::UtcSeconds{}) + std::chrono::seconds{60};
  const std::string opened_as = content();
  if (!opened_as.empty() && opened_as.back() != '\n') return "a row begins in the middle of a line";
  opened.value().add({{later, std::vector<double>(columns.size(), 1.5)}});
  if (last) opened.value().add({{earlier, std::vector<double>(columns.size(), 1.5)}});
  std::string added(",1.5");
  for (std::size_t i = 1; i < columns.size(); ++i) added += ",1.5";
  if (content() != opened_as + runtime::iso8601(later) + added + "\n") return "not one row more: " + content();
  return {};
}

}  // namespace emporia::fuzz
