#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/ids.hpp"
#include "runtime/clock.hpp"
#include "statistics/messages.hpp"
#include "statistics/series.hpp"

namespace emporia::statistics {

/// Hours of one device that are not known to stand at Home Assistant.
struct Due {
  model::DeviceId device;
  model::UtcSeconds from;
  model::UtcSeconds until;
};

struct SeriesHours {
  Series series;
  Hours hours;
};

/// Where the hours come from, and who is told that they stand.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::vector<SeriesHours> hours(const model::DeviceId& device, model::UtcSeconds from,
                                         model::UtcSeconds until) = 0;
  /// The hours are about to be read; what changes from here on has to be delivered again.
  virtual void delivering(const model::DeviceId& device) = 0;
  /// The hours from `from`, the one that was due, to `until` were read back.
  virtual void delivered(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until) = 0;
};

/// Brings hours to Home Assistant, one command after the other, and reads them back before they count as delivered.
///
/// Of each device it first reads what stands before the first hour that is due. Sums go on from there, so that a series
/// has no jump whatever was in it before; and where hours are missing or tell something else, because Home Assistant
/// lost its queue or was restored from a backup, it begins with the first of those instead. An import is queued at Home
/// Assistant and written later: the hours are read until they are there.
class Delivery {
 public:
  Delivery(Source& source, Form form, std::vector<Due> due);

  /// The next command to give; nothing while an answer is awaited, until next_deadline(), or at the end.
  std::optional<json::Object> next_command(runtime::Now now);
  /// The answer to it.
  void on_answer(const json::Value& result, runtime::Now now);
  /// Home Assistant refused it; `why` for people.
  void on_refusal(const std::string& why);

  runtime::SteadyTime next_deadline() const { return read_at_; }
  bool finished() const { return step_ == Step::finished; }
  /// Why it cannot go on; empty while it can.
  const std::string& trouble() const { return trouble_; }
  /// Hours of devices that have been read back.
  std::size_t hours_delivered() const { return hours_delivered_; }

 private:
  enum class Step { look_up, look_back, send, read_back, finished };

  /// The hours of `due_` from `from` on, as many as go at one time; passes over stretches without any.
  void begin(model::UtcSeconds from, runtime::Now now);
  /// Reads the next hours from `from_` on; false when there are none.
  bool take_hours();
  void next_device(runtime::Now now);
  void on_looked_up(const json::Value& result);
  void on_looked_back(const json::Value& result, runtime::Now now);
  void on_read_back(const json::Value& result, runtime::Now now);
  void prepare();
  std::vector<std::string> ids() const;
  bool needs_sum(const Series& series) const { return series.kind == Kind::energy && sums_.count(series.id) == 0; }
  bool all_have_sums() const;

  Source& source_;
  Form form_;
  std::deque<Due> waiting_;
  Due due_;
  Step step_ = Step::finished;
  bool started_ = false;
  bool awaiting_ = false;
  std::vector<SeriesHours> series_;
  model::UtcSeconds from_;
  model::UtcSeconds until_;
  /// The range before them that is looked at, and the series that are.
  model::UtcSeconds looked_until_;
  std::chrono::seconds look_{};
  std::vector<std::string> looked_at_;
  /// The running total at Home Assistant before the hours, by series.
  std::map<std::string, ledger::MicroWh> sums_;
  std::deque<json::Object> commands_;
  runtime::SteadyTime read_at_ = runtime::kNever;
  runtime::SteadyTime give_up_at_{};
  std::chrono::milliseconds pause_{};
  std::size_t hours_delivered_ = 0;
  std::string trouble_;
};

}  // namespace emporia::statistics
