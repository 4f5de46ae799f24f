#include "cli/usage_file.hpp"

#include <filesystem>
#include <utility>

#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "settings/nearest.hpp"

namespace emporia::cli {
namespace {

using model::UtcSeconds;
using runtime::concat;

struct Found {
  std::string header;
  /// Behind the last whole line.
  std::uintmax_t end = 0;
  std::optional<UtcSeconds> last;
  /// The shortest step between two rows.
  std::optional<std::chrono::seconds> step;
  /// A line that this command did not write, from 1; 0 without one.
  std::size_t foreign_line = 0;
};

std::optional<UtcSeconds> start_of(const std::string& line) {
  return runtime::parse_iso8601(line.substr(0, line.find(',')));
}

Found look_into(const std::string& path) {
  Found found;
  std::ifstream file(path, std::ios::binary);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line) && !file.eof(); ++number) {
    if (number == 1) {
      found.header = line;
    } else {
      const auto start = start_of(line);
      if (!start || (found.last && *start <= *found.last)) {
        found.foreign_line = number;
        return found;
      }
      if (found.last) found.step = std::min(found.step.value_or(*start - *found.last), *start - *found.last);
      found.last = start;
    }
    found.end += line.size() + 1;
  }
  return found;
}

/// The rows stand as far from each other as buckets of the scale.
bool fits(const std::optional<std::chrono::seconds>& step, model::Scale scale) {
  if (!step) return true;
  const auto length = model::bucket_length(scale);
  if (length.count() > 0) return *step == length;
  constexpr std::chrono::hours kDay{24};
  constexpr std::chrono::hours kChangeOfClocks{1};
  switch (scale) {
    case model::Scale::days:
      return *step >= kDay - kChangeOfClocks && *step <= 7 * kDay - 2 * kChangeOfClocks;
    case model::Scale::weeks:
      return *step >= 7 * kDay - kChangeOfClocks && *step <= 21 * kDay;
    case model::Scale::months:
      return *step >= 28 * kDay - kChangeOfClocks && *step <= 364 * kDay;
    case model::Scale::years:
    case model::Scale::minutes:
    case model::Scale::fifteen_minutes:
    case model::Scale::hours:
      break;
  }
  return *step >= 365 * kDay - kChangeOfClocks;
}

}  // namespace

runtime::Result<UsageFile, std::string> UsageFile::open(const std::string& path, const UsageColumns& columns,
                                                        model::Scale scale) {
  const std::string header = csv_header(columns);
  const std::string name = settings::in_quotes(path);
  std::error_code error;
  UsageFile result;
  if (std::filesystem::exists(path, error) && std::filesystem::file_size(path, error) > 0) {
    if (!std::filesystem::is_regular_file(path, error)) return runtime::Failure{concat(name, " is no file")};
    const Found found = look_into(path);
    if (found.foreign_line != 0 || (!found.header.empty() && found.header.rfind("start,", 0) != 0)) {
      return runtime::Failure{concat("line ", std::max<std::size_t>(1, found.foreign_line), " of ", name,
                                     " was not written by this command: choose another --output")};
    }
    if (!found.header.empty() && found.header != header) {
      return runtime::Failure{concat("the columns of ", name,
                                     " are not those of this device, or a circuit has got another name since: choose "
                                     "another --output")};
    }
    if (!fits(found.step, scale)) {
      return runtime::Failure{
          concat("the rows of ", name, " are not ", model::word(scale), ": choose its --scale or another --output")};
    }
    std::filesystem::resize_file(path, found.end, error);
    if (error) return runtime::Failure{concat(name, " cannot be written: ", error.message())};
    result.last_ = found.last;
  }
  result.file_.open(path, std::ios::binary | std::ios::app);
  if (!result.file_) {
    return runtime::Failure{concat(name, " cannot be written: check that its folder is there and may be written")};
  }
  if (std::filesystem::file_size(path, error) == 0) result.file_ << header << '\n' << std::flush;
  if (!result.file_) return runtime::Failure{concat(name, " cannot be written: is there room left?")};
  return result;
}

bool UsageFile::add(const UsageRows& rows) {
  for (const UsageRow& row : rows) {
    if (last_ && row.start <= *last_) continue;
    file_ << csv_line(row) << '\n';
    last_ = row.start;
  }
  file_.flush();
  return file_.good();
}

}  // namespace emporia::cli
