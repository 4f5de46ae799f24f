#include "ledger/store.hpp"

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <utility>

#include "ledger/migrations.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::ledger {
namespace {

constexpr const char* kRoom = "ledger";

/// A name that is free, beside the file: the damaged data may still be of use to a person.
std::string move_aside(const std::string& path) {
  std::string target;
  for (int i = 1; target.empty() || std::filesystem::exists(target); ++i)
    target = runtime::concat(path, ".damaged-", i);
  // The newest bookings may be in the -wal file; the program that reads the damaged data needs it by the same name.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (std::filesystem::exists(path + suffix)) std::filesystem::rename(path + suffix, target + suffix);
  }
  return target;
}

void check_sound(Database& database) {
  Statement check(database, "PRAGMA quick_check(1)");
  if (!check.step() || check.text(0) != "ok") throw SqliteError("the check finds damage", 11 /* SQLITE_CORRUPT */);
  while (check.step()) {
  }
}

}  // namespace

Store::Store(const std::string& path, std::chrono::hours kept) : kept_(std::max(kept, kIncompleteKept)) {
  try {
    open(path);
  } catch (const SqliteError& error) {
    if (!error.damaged()) {
      throw std::runtime_error(runtime::concat("the ledger ", path, " cannot be used (", error.what(),
                                               "): check that [state] directory exists, is writable and has room"));
    }
    calls_.reset();
    shelf_.reset();
    handed_on_.reset();
    database_.reset();
    set_aside_ = move_aside(path);
    runtime::log_error(kRoom, runtime::concat("the ledger is damaged (", error.what(), "); it is kept as ", set_aside_,
                                              " and a new one is begun"));
    open(path);
  } catch (const NewerSchema& error) {
    throw std::runtime_error(runtime::concat("the ledger ", path, " ", error.what()));
  }
}

Store::~Store() = default;

void Store::open(const std::string& path) {
  // The file tells when somebody was at home: nobody else needs to read it.
  const mode_t before = umask(0077);
  try {
    database_ = std::make_unique<Database>(path);
    database_->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 1000;");
  } catch (...) {
    umask(before);
    throw;
  }
  umask(before);
  check_sound(*database_);
  migrate(*database_);
  calls_ = std::make_unique<CallLog>(*database_);
  shelf_ = std::make_unique<Shelf>(*database_);
  handed_on_ = std::make_unique<HandedOn>(*database_);
  accounts_ = shelf_->load_accounts();
  cache_kb_ = 0;
  fit_cache();
}

void Store::fit_cache() {
  const std::size_t wanted_kb = std::clamp<std::size_t>(accounts_.size() * 20, 400, 2000);
  if (wanted_kb == std::exchange(cache_kb_, wanted_kb)) return;
  database_->run(runtime::concat("PRAGMA cache_size = -", wanted_kb).c_str());
}

std::vector<runtime::SystemTime> Store::recent_calls(runtime::SystemTime now) {
  calls_->tidy(now);
  return calls_->recent();
}

std::map<std::string, double> Store::kept_settings(const model::DeviceId& device) {
  std::map<std::string, double> settings;
  try {
    Statement rows(*database_, "SELECT setting, value FROM kept_setting WHERE device = ?");
    rows.bind(device.text());
    while (rows.step()) settings.emplace(rows.text(0), rows.real(1));
  } catch (const SqliteError& error) {
    runtime::log_warning(kRoom, runtime::concat("kept settings could not be read: ", error.what()));
  }
  return settings;
}

void Store::keep_settings(const model::DeviceId& device, const std::map<std::string, double>& settings) {
  try {
    Transaction transaction(*database_);
    Statement clear(*database_, "DELETE FROM kept_setting WHERE device = ?");
    clear.bind(device.text()).step();
    Statement put(*database_, "INSERT INTO kept_setting VALUES (?,?,?)");
    for (const auto& [setting, value] : settings) put.bind(device.text()).bind(setting).bind(value).step();
    transaction.commit();
  } catch (const SqliteError& error) {
    runtime::log_warning(kRoom, runtime::concat("kept settings could not be stored: ", error.what()));
  }
}

}  // namespace emporia::ledger
