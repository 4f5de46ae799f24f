#include "cli/usage_picture.hpp"

#include <algorithm>
#include <cmath>

#include "cli/plot.hpp"
#include "cli/quantities.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::cli {
namespace {

using runtime::concat;
constexpr std::size_t kPlotRows = 12;

struct Total {
  std::string label;
  double energy_wh = 0;
  std::size_t known = 0;
};

std::vector<Total> totals(const UsageColumns& columns, const UsageRows& rows) {
  std::vector<Total> all;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Total total{columns[i].label};
    for (const UsageRow& row : rows) {
      if (!model::is_known(row.energy_wh[i])) continue;
      total.energy_wh += row.energy_wh[i];
      ++total.known;
    }
    if (total.known > 0) all.push_back(std::move(total));
  }
  return all;
}

Plot plot_of(const UsageRange& range, const UsageRows& rows) {
  Plot plot;
  const auto length = model::bucket_length(range.scale);
  const bool power = length.count() > 0;
  plot.unit = power ? "W" : "kWh";
  for (const UsageRow& row : rows) {
    const double energy_wh = row.energy_wh.front();
    plot.values.push_back(power ? model::mean_power_w(energy_wh, length) : energy_wh / 1000);
  }
  if (!rows.empty()) {
    plot.begin = runtime::iso8601(rows.front().start);
    plot.end = runtime::iso8601(rows.back().start);
  }
  return plot;
}

}  // namespace

std::vector<Line> usage_picture(const std::string& name, const UsageRange& range, const UsageColumns& columns,
                                const UsageRows& rows, std::size_t width) {
  const std::string& whole_device = columns.front().label;
  std::vector<Line> lines;
  lines.push_back({{printable(name), Style::strong},
                   {whole_device == name ? "" : concat("  ", printable(whole_device))},
                   {concat("  ", model::word(range.scale), ", times in UTC"), Style::faint}});
  const std::vector<Line> plot = plot_lines(plot_of(range, rows), width, kPlotRows);
  if (plot.empty()) {
    lines.push_back({{"The service has no value of it in this range."}});
  }
  lines.insert(lines.end(), plot.begin(), plot.end());
  std::vector<Total> all = totals(columns, rows);
  if (all.empty()) return lines;
  // The device as a whole first, then what is in it.
  std::stable_sort(all.begin() + (all.front().label == whole_device ? 1 : 0), all.end(),
                   [](const Total& a, const Total& b) { return std::abs(a.energy_wh) > std::abs(b.energy_wh); });
  lines.push_back({});
  for (const Total& total : all) {
    const std::size_t missing = rows.size() - total.known;
    constexpr std::size_t kNameColumns = 32;
    constexpr std::size_t kEnergyColumns = 14;
    lines.push_back(
        {{left_aligned(total.label, kNameColumns)},
         {right_aligned(kilowatt_hours(total.energy_wh / 1000), kEnergyColumns), Style::strong},
         {missing == 0 ? "" : concat("  of ", total.known, " of ", rows.size(), " ", model::word(range.scale)),
          Style::faint}});
  }
  return lines;
}

}  // namespace emporia::cli
