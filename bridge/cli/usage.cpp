#include <algorithm>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/asking.hpp"
#include "cli/commands.hpp"
#include "cli/moments.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "cli/usage_file.hpp"
#include "cli/usage_picture.hpp"
#include "cli/usage_range.hpp"
#include "cli/usage_rows.hpp"
#include "cli/which_device.hpp"
#include "homeassistant/names.hpp"
#include "json/value.hpp"
#include "model/derive.hpp"
#include "polling/window.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using model::UtcSeconds;
using runtime::concat;

enum class Format { csv, json, plot };

/// Why the command ends before it is done.
struct Trouble {
  std::string text;
  ExitCode exit_code = ExitCode::usage;
};
template <typename T>
using OrTrouble = runtime::Result<T, Trouble>;

runtime::Failure<Trouble> trouble(std::string text, ExitCode code = ExitCode::usage) {
  return {Trouble{std::move(text), code}};
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

OrTrouble<Format> format_of(const Usage& command) {
  const bool json_file = ends_with(command.output, ".json");
  if (command.format == "csv") return Format::csv;
  if (command.format == "json") return Format::json;
  if (command.format == "plot") {
    if (command.output.empty()) return Format::plot;
    return trouble("a plot is for the terminal: use --format csv or json with --output");
  }
  if (!command.format.empty())
    return trouble(concat("no format \"", command.format, "\": there are csv, json and plot"));
  if (command.output.empty()) return output_is_terminal() ? Format::plot : Format::csv;
  return json_file ? Format::json : Format::csv;
}

struct Chosen {
  model::Device device;
  /// As it is shown.
  std::string name;
};

OrTrouble<Chosen> find_device(Asking& asking, const settings::Settings& settings, const std::string& typed,
                              const Asking::OnWait& on_wait) {
  const auto answers = asking.ask(partner::ListDevices{settings.partner.customers}, on_wait);
  if (!answers) return trouble(answers.error().text, exit_code(answers.error().why));
  std::vector<NamedDevice> names;
  std::vector<model::Device> devices;
  for (const partner::Answer& answer : answers.value()) {
    for (const model::Device& device : std::get<partner::Inventory>(answer).devices) {
      const auto own = settings.devices.names.find(device.id.text());
      const bool renamed = own != settings.devices.names.end();
      names.push_back(
          {device.id.text(), homeassistant::device_label(device, renamed ? std::optional(own->second) : std::nullopt)});
      devices.push_back(device);
    }
  }
  const auto found = which_device(names, typed);
  if (!found) return trouble(found.error(), ExitCode::unknown);
  const auto is_it = [&](const model::Device& device) { return device.id.text() == found.value().id; };
  return Chosen{*std::find_if(devices.begin(), devices.end(), is_it), found.value().name};
}

OrTrouble<UsageRange> range_of(const Usage& command, UtcSeconds settled_until, UtcSeconds now) {
  const auto from = read_moment(command.from, now);
  if (!from) return trouble("--from " + from.error());
  const auto to = read_moment(command.to, now);
  if (!to) return trouble("--to " + to.error());
  const auto scale = choose_scale(command.scale, from.value(), to.value(), now);
  if (!scale) return trouble(scale.error());
  auto range = usage_range(scale.value(), from.value(), to.value(), settled_until, now);
  if (!range) return trouble(range.error());
  return range.value();
}

/// Begins where the file ends; nothing when it holds all already.
std::optional<UsageRange> rest_of(UsageRange range, const UsageFile& file) {
  if (!file.last()) return range;
  const auto length = model::bucket_length(range.scale);
  range.from = *file.last() + (length.count() > 0 ? length : std::chrono::seconds{1});
  return range.from < range.to ? std::optional(range) : std::nullopt;
}

/// A day and longer, of which the service tells also the running one. In a file it would stand as it is now for ever.
bool finished(const UsageRow& row, model::Scale scale, UtcSeconds settled_until) {
  constexpr std::chrono::hours kDay{24};
  constexpr std::chrono::hours kChangeOfClocks{1};
  std::chrono::seconds longest = model::bucket_length(scale);
  if (scale == model::Scale::days) longest = kDay + kChangeOfClocks;
  if (scale == model::Scale::weeks) longest = 7 * kDay + kChangeOfClocks;
  if (scale == model::Scale::months) longest = 31 * kDay + kChangeOfClocks;
  if (scale == model::Scale::years) longest = 366 * kDay + kChangeOfClocks;
  return row.start + longest <= settled_until;
}

class Reader {
 public:
  Reader(Asking& asking, Asking::OnWait on_wait, const Chosen& chosen, UsageColumns columns)
      : asking_(asking), on_wait_(std::move(on_wait)), chosen_(chosen), columns_(std::move(columns)) {}

  /// Hands the rows of each portion to `take`, which returns false when it cannot take any more.
  template <typename Take>
  std::optional<Trouble> read(const UsageRange& range, Take take) {
    const std::vector<UsagePortion> portions = portions_of(range);
    Progress progress(portions.size());
    for (const UsagePortion& portion : portions) {
      progress.show(runtime::iso8601(portion.start));
      const auto answers =
          asking_.ask(partner::FetchUsage{{chosen_.device.id}, range.scale, portion.start, portion.end},
                      [&](runtime::SystemTime at) {
                        progress.clear();
                        on_wait_(at);
                      });
      if (!answers) return Trouble{answers.error().text, exit_code(answers.error().why)};
      if (!take(usage_rows(usages_of(answers.value()), portion, range, columns_))) return Trouble{"", ExitCode::ok};
      progress.done();
    }
    return std::nullopt;
  }

 private:
  std::vector<model::DeviceUsage> usages_of(const std::vector<partner::Answer>& answers) {
    std::vector<model::DeviceUsage> usages;
    for (const partner::Answer& answer : answers) {
      for (model::DeviceUsage usage : std::get<partner::Usage>(answer).devices) {
        if (usage.device != chosen_.device.id) continue;
        model::append_derived(usage, chosen_.device, known_);
        for (const model::ChannelUsage& channel : usage.channels) note(channel, usage);
        usages.push_back(std::move(usage));
      }
    }
    return usages;
  }
  /// Which channels belong into the mains of the next portion.
  void note(const model::ChannelUsage& channel, const model::DeviceUsage& usage) {
    if (channel.channel > model::kLastChannel) return;
    for (std::size_t i = usage.starts.size(); i-- > 0;) {
      if (!model::is_known(channel.energy_wh[i])) continue;
      known_[channel.channel] = std::max(known_[channel.channel], usage.starts[i] + model::bucket_length(usage.scale));
      return;
    }
  }

  Asking& asking_;
  Asking::OnWait on_wait_;
  const Chosen& chosen_;
  UsageColumns columns_;
  model::LastKnown known_;
};

std::optional<Trouble> into_file(const Usage& command, Reader& reader, const UsageRange& range,
                                 const UsageColumns& columns, UtcSeconds settled_until) {
  auto file = UsageFile::open(command.output, columns, range.scale);
  if (!file) return Trouble{file.error(), ExitCode::usage};
  UsageFile& opened = file.value();
  if (opened.last()) {
    std::cerr << "emporia2mqtt: " << command.output << " goes up to " << runtime::iso8601(*opened.last())
              << " and is continued there\n";
  }
  const auto rest = rest_of(range, opened);
  if (!rest) return std::nullopt;
  std::size_t rows_added = 0;
  auto failed = reader.read(*rest, [&](UsageRows rows) {
    const auto runs = [&](const UsageRow& row) { return !finished(row, range.scale, settled_until); };
    rows.erase(std::remove_if(rows.begin(), rows.end(), runs), rows.end());
    rows_added += rows.size();
    return opened.add(rows);
  });
  if (failed && failed->text.empty()) {
    return Trouble{concat(command.output, " cannot be written any further: is there room left?"), ExitCode::internal};
  }
  if (failed) {
    return Trouble{concat(failed->text, "; ", command.output, opened.last() ? " goes up to " : " has no row yet",
                          opened.last() ? runtime::iso8601(*opened.last()) : "", ": the same command continues it"),
                   failed->exit_code};
  }
  std::cerr << "emporia2mqtt: " << rows_added << (rows_added == 1 ? " row" : " rows") << " added to " << command.output
            << '\n';
  return std::nullopt;
}

std::optional<Trouble> as_json(const Usage& command, Reader& reader, const UsageRange& range, const Chosen& chosen,
                               const UsageColumns& columns) {
  std::ofstream file;
  if (!command.output.empty()) {
    if (std::ifstream(command.output)) {
      return Trouble{
          command.output + " is there already, and JSON cannot be continued: choose another --output, or CSV",
          ExitCode::usage};
    }
    file.open(command.output, std::ios::binary);
    if (!file) return Trouble{command.output + " cannot be written: check that its folder is there", ExitCode::usage};
  }
  UsageRows all;
  auto failed = reader.read(range, [&](const UsageRows& rows) {
    for (const UsageRow& row : rows) {
      if (all.empty() || row.start > all.back().start) all.push_back(row);
    }
    return true;
  });
  if (failed) return failed;
  std::ostream& out = command.output.empty() ? std::cout : file;
  out << json::to_text(usage_json(chosen.device, chosen.name, range, columns, all)) << '\n' << std::flush;
  if (!out) return Trouble{"the output cannot be written: is there room left?", ExitCode::internal};
  return std::nullopt;
}

std::optional<Trouble> as_csv(Reader& reader, const UsageRange& range, const UsageColumns& columns) {
  std::cout << csv_header(columns) << '\n';
  std::optional<UtcSeconds> last;
  auto failed = reader.read(range, [&](const UsageRows& rows) {
    for (const UsageRow& row : rows) {
      if (!last || row.start > *last) std::cout << csv_line(row) << '\n';
      last = std::max(last, std::optional(row.start));
    }
    std::cout.flush();
    return std::cout.good();
  });
  if (failed && failed->text.empty()) return Trouble{"the output was closed", ExitCode::internal};
  return failed;
}

std::optional<Trouble> as_plot(Reader& reader, const UsageRange& range, const Chosen& chosen,
                               const UsageColumns& columns) {
  UsageRows all;
  auto failed = reader.read(range, [&](const UsageRows& rows) {
    for (const UsageRow& row : rows) {
      if (all.empty() || row.start > all.back().start) all.push_back(row);
    }
    return true;
  });
  if (failed && all.empty()) return failed;
  const std::size_t width = screen_size().columns;
  for (const Line& line : usage_picture(chosen.name, range, columns, all, width)) {
    std::cout << to_text(line, width, output_takes_colour()) << '\n';
  }
  return failed;
}

std::optional<Trouble> carry_out(const Usage& command, const settings::Settings& settings) {
  const auto format = format_of(command);
  if (!format) return format.error();
  const auto now = std::chrono::floor<std::chrono::seconds>(runtime::read_clock().system);
  const auto settled_until = polling::settled_until(now, std::chrono::minutes{settings.polling.settle_minutes});
  const auto range = range_of(command, settled_until, now);
  if (!range) return range.error();
  Ears ears;
  Asking asking(settings, ears);
  tell_alone(asking);
  const Asking::OnWait on_wait = tell_waiting(asking, command.no_wait);
  const auto chosen = find_device(asking, settings, command.device, on_wait);
  if (!chosen) return chosen.error();
  const UsageColumns columns = usage_columns(chosen.value().device, chosen.value().name);
  Reader reader(asking, on_wait, chosen.value(), columns);
  switch (format.value()) {
    case Format::plot:
      return as_plot(reader, range.value(), chosen.value(), columns);
    case Format::json:
      return as_json(command, reader, range.value(), chosen.value(), columns);
    case Format::csv:
      break;
  }
  if (command.output.empty()) return as_csv(reader, range.value(), columns);
  return into_file(command, reader, range.value(), columns, settled_until);
}

}  // namespace

ExitCode usage(const Usage& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return ExitCode::configuration;
  runtime::set_log_level(runtime::LogLevel::error);
  const auto failed = carry_out(command, *settings);
  if (!failed) return ExitCode::ok;
  std::cerr << "emporia2mqtt: " << runtime::without_secrets(failed->text) << '\n';
  return failed->exit_code;
}

}  // namespace emporia::cli
