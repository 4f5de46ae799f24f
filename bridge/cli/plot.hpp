#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/cells.hpp"

namespace emporia::cli {

/// Values over time, equally far apart; model::kMissing where there is none.
struct Plot {
  std::vector<double> values;
  /// Stands at the axis, such as "W".
  std::string unit;
  /// Below the first and the last value.
  std::string begin;
  std::string end;
};

/// Bars from zero upwards and downwards, with an axis at the left. More values than columns are averaged, those that
/// are missing left out; a column without any value stays empty. No lines when there is no value at all. Pure.
std::vector<Line> plot_lines(const Plot& plot, std::size_t columns, std::size_t rows);

}  // namespace emporia::cli
