#include "cli/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/quantities.hpp"
#include "model/energy.hpp"

namespace emporia::cli {
namespace {

constexpr std::array kEighths{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::size_t kAxisColumns = 11;

/// As many means as there are columns, or the values themselves where they are fewer.
std::vector<double> in_columns(const std::vector<double>& values, std::size_t columns) {
  if (values.size() <= columns) return values;
  std::vector<double> means;
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t begin = column * values.size() / columns;
    const std::size_t end = (column + 1) * values.size() / columns;
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (!model::is_known(values[i])) continue;
      sum += values[i];
      ++count;
    }
    means.push_back(count == 0 ? model::kMissing : sum / static_cast<double>(count));
  }
  return means;
}

/// 1, 2 or 5 times a power of ten, not below the number.
double round_step(double number) {
  const double power = std::pow(10, std::floor(std::log10(number)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (number <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string axis_label(double value, const std::string& unit) {
  const int decimals = std::abs(value) < 10 && std::abs(value - std::round(value)) > 1e-6 ? 2 : 0;
  return number_text(value, decimals) + " " + unit;
}

/// What a column shows in the row from `bottom` to `top`, both on the same side of zero.
const char* cell(double value, double bottom, double top) {
  if (!model::is_known(value)) return " ";
  const double height = top - bottom;
  if (bottom >= 0) {
    const double part = std::clamp((value - bottom) / height, 0.0, 1.0);
    // What is above nothing is seen, however little it is.
    const auto eighths = static_cast<std::size_t>(std::lround(part * 8));
    return kEighths[bottom == 0.0 && value > 0 ? std::max<std::size_t>(eighths, 1) : eighths];
  }
  // Terminals have no eighths that hang from above.
  const double part = std::clamp((top - value) / height, 0.0, 1.0);
  return part >= 0.75 ? "█" : part >= 0.25 ? "▀" : " ";
}

}  // namespace

std::vector<Line> plot_lines(const Plot& plot, std::size_t columns, std::size_t rows) {
  const std::size_t width = columns > kAxisColumns + 10 ? columns - kAxisColumns : 10;
  const std::vector<double> values = in_columns(plot.values, width);
  double lowest = 0;
  double highest = 0;
  bool any = false;
  for (const double value : values) {
    if (!model::is_known(value)) continue;
    any = true;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  if (!any) return {};
  if (highest <= 0 && lowest >= 0) highest = 1;
  const double step = round_step((highest - lowest) / static_cast<double>(std::max<std::size_t>(rows, 4)));
  const auto above = static_cast<int>(std::ceil(highest / step - 1e-9));
  const auto below = static_cast<int>(std::ceil(-lowest / step - 1e-9));
  constexpr int kLabelEvery = 3;
  std::vector<Line> lines;
  for (int row = above; row > -below; --row) {
    const double top = row * step;
    const bool labelled = row == above || row == 1 - below || row % kLabelEvery == 0;
    // A label stands at the upper edge of its row, and the lowest row of nothing but positive values needs none.
    const std::string label = labelled && (row != 1 || above == 1) ? axis_label(top, plot.unit) : std::string();
    std::string bars;
    for (const double value : values) bars += cell(value, top - step, top);
    lines.push_back({{right_aligned(label, kAxisColumns - 2) + " │", Style::faint},
                     {std::move(bars), row > 0 ? Style::plain : Style::good}});
  }
  const std::size_t shown = values.size();
  std::string axis;
  for (std::size_t i = 0; i < shown; ++i) axis += "─";
  lines.push_back(
      {{right_aligned(below > 0 ? axis_label(-below * step, plot.unit) : "0", kAxisColumns - 2) + " └" + axis,
        Style::faint}});
  const std::size_t gap = shown > plot.begin.size() + plot.end.size() ? shown - plot.begin.size() - plot.end.size() : 1;
  lines.push_back({{std::string(kAxisColumns, ' ') + plot.begin + std::string(gap, ' ') + plot.end, Style::faint}});
  return lines;
}

}  // namespace emporia::cli
