#include "ledger/shared_calls.hpp"

#include <filesystem>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/migrations.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

/// A file that root makes in the folder of the bridge's user must not lock the bridge out.
void give_to_owner_of_folder(const std::string& path) {
  struct stat folder {};
  const std::string parent = std::filesystem::absolute(path).parent_path();
  if (::geteuid() != 0 || ::stat(parent.c_str(), &folder) != 0 || folder.st_uid == 0) return;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string file = path + suffix;
    if (std::filesystem::exists(file) && ::lchown(file.c_str(), folder.st_uid, folder.st_gid) != 0) {
      throw std::runtime_error(runtime::concat(file, " cannot be given to the owner of its folder"));
    }
  }
}

}  // namespace

Database open_shared(const std::string& path) {
  std::error_code hidden;  // a folder that may not be entered: opening says so
  const bool made = !std::filesystem::exists(path, hidden);
  const mode_t before = ::umask(0077);  // as the bridge makes it: nobody else needs to read it
  try {
    Database database(path);
    ::umask(before);
    database.run("PRAGMA busy_timeout = 1000;");
    if (made) {
      database.run("PRAGMA journal_mode = WAL;");
      migrate(database);
      give_to_owner_of_folder(path);
    }
    // Opening does not write yet, and a file of another user may be readable alone.
    database.run("BEGIN IMMEDIATE; ROLLBACK;");
    return database;
  } catch (const std::runtime_error& error) {
    ::umask(before);
    throw std::runtime_error(runtime::concat("the ledger ", path, " cannot be used (", error.what(), ")"));
  }
}

SharedCalls::SharedCalls(const std::string& path) : database_(open_shared(path)), log_(database_) {}

}  // namespace emporia::ledger
