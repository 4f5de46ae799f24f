// The least that a fleet's poll can cost with these libraries: the same replies are decoded, the same values written in
// one SQLite transaction, and the same bytes published at QoS 1. One after the other, in steady state: rows and topics
// were there before.
//
//   fleet_floor FOLDER BROKER_PORT STATE_DIRECTORY channels|devices
//       a row for the sums of each channel, as a table of counters mostly is, or one for those of a device, as the
//       ledger has them; prints JSON
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <google/protobuf/arena.h>
#include <memory>
#include <mqtt/async_client.h>
#include <mutex>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "benchmarks/recorded.hpp"
#include "partner_api2.pb.h"

namespace api = emporiaenergy::partner_api_2;
using emporia::benchmarks::read_records;

namespace {

using Clock = std::chrono::steady_clock;
// mosquitto takes 20; with a full window this version of Paho stalls.
constexpr unsigned kInFlight = 19;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double process_time_s() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// A broker that takes so many messages at once and has acknowledged them all when wait() returns.
class Broker final : private mqtt::iaction_listener {
 public:
  explicit Broker(const std::string& port)
      : client_("tcp://127.0.0.1:" + port, "floor", mqtt::create_options(MQTTVERSION_5)) {
    options_.set_mqtt_version(MQTTVERSION_5);
    options_.set_clean_start(true);
    client_.connect(options_)->wait();
  }
  ~Broker() override { client_.disconnect()->wait(); }

  void publish(const mqtt::const_message_ptr& message) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return in_flight_ < kInFlight; });
      ++in_flight_;
    }
    client_.publish(message, nullptr, *this);
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_ == 0; });
  }

 private:
  void on_success(const mqtt::token&) override { done(); }
  void on_failure(const mqtt::token&) override {
    std::fprintf(stderr, "fleet_floor: the broker refused a message\n");
    std::abort();
  }
  void done() {
    {
      const std::lock_guard lock(mutex_);
      --in_flight_;
    }
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned in_flight_ = 0;
  mqtt::connect_options options_;
  mqtt::async_client client_;
};

/// The sums, a row a channel or a row a device, and a row a device with the values of the hour.
class Rows {
 public:
  explicit Rows(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("cannot open " + path);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE account (device INTEGER, channel INTEGER, positive INTEGER, negative INTEGER, until INTEGER, "
        "PRIMARY KEY (device, channel)) WITHOUT ROWID");
    run("CREATE TABLE counters (device INTEGER PRIMARY KEY, data BLOB)");
    run("CREATE TABLE usage_hour (place INTEGER PRIMARY KEY, data BLOB)");
    put_sums_ = prepare("INSERT OR REPLACE INTO account VALUES (?,?,?,?,?)");
    put_device_ = prepare("INSERT OR REPLACE INTO counters VALUES (?,?)");
    put_hour_ = prepare("INSERT OR REPLACE INTO usage_hour VALUES (?,?)");
  }
  ~Rows() {
    sqlite3_finalize(put_sums_);
    sqlite3_finalize(put_device_);
    sqlite3_finalize(put_hour_);
    sqlite3_close(database_);
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  void run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sql);
  }
  void put_sums(std::int64_t device, std::int64_t channel, double positive, double negative, std::int64_t until) {
    const std::int64_t values[] = {device, channel, static_cast<std::int64_t>(positive * 1e6),
                                   static_cast<std::int64_t>(negative * 1e6), until};
    for (int i = 0; i < 5; ++i) sqlite3_bind_int64(put_sums_, i + 1, values[i]);
    step(put_sums_);
  }
  void put_device(std::int64_t device, const std::string& sums) { put(put_device_, device, sums); }
  void put_hour(std::int64_t device, const std::string& data) { put(put_hour_, device, data); }

 private:
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK) throw std::runtime_error(sql);
    return statement;
  }
  static void put(sqlite3_stmt* statement, std::int64_t key, const std::string& data) {
    sqlite3_bind_int64(statement, 1, key);
    sqlite3_bind_blob(statement, 2, data.data(), static_cast<int>(data.size()), nullptr);
    step(statement);
  }
  static void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error("a row is not written");
    sqlite3_reset(statement);
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* put_sums_ = nullptr;
  sqlite3_stmt* put_device_ = nullptr;
  sqlite3_stmt* put_hour_ = nullptr;
};

using Replies = std::vector<api::DeviceUsageResponse*>;

Replies decode(const std::vector<std::string>& records, google::protobuf::Arena& arena) {
  Replies replies;
  for (const std::string& record : records) {
    replies.push_back(google::protobuf::Arena::CreateMessage<api::DeviceUsageResponse>(&arena));
    if (!replies.back()->ParseFromString(record)) throw std::runtime_error("a reply cannot be read");
  }
  return replies;
}

enum class Sums { of_channels, of_devices };

/// With the two that every monitor has besides its channels: mains and balance.
void write(Rows& rows, const Replies& replies, Sums sums) {
  constexpr std::int64_t kMerged[] = {1001, 1002};
  std::int64_t number = 0;
  rows.run("BEGIN IMMEDIATE");
  for (const auto* reply : replies) {
    for (const auto& device : reply->device_usages()) {
      ++number;
      std::string data;
      std::string together;
      const auto put_sums = [&](std::int64_t channel, double positive, double negative, std::int64_t until) {
        if (sums == Sums::of_channels) return rows.put_sums(number, channel, positive, negative, until);
        const std::int64_t values[] = {channel, static_cast<std::int64_t>(positive * 1e6),
                                       static_cast<std::int64_t>(negative * 1e6), until};
        together.append(reinterpret_cast<const char*>(values), sizeof values);
      };
      const auto until =
          static_cast<std::int64_t>(device.bucket_epoch_seconds_size() == 0
                                        ? 0
                                        : device.bucket_epoch_seconds(device.bucket_epoch_seconds_size() - 1));
      double all = 0;
      for (const auto& channel : device.channel_usages()) {
        double positive = 0;
        double negative = 0;
        for (const double value : channel.usages()) (value >= 0 ? positive : negative) += value;
        all += positive;
        data.append(reinterpret_cast<const char*>(channel.usages().data()),
                    sizeof(double) * static_cast<std::size_t>(channel.usages().size()));
        put_sums(channel.channel(), positive, -negative, until);
      }
      for (const std::int64_t merged : kMerged) put_sums(merged, all, 0, until);
      if (sums == Sums::of_devices) rows.put_device(number, together);
      rows.put_hour(number, data);
    }
  }
  rows.run("COMMIT");
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string form = argc == 5 ? argv[4] : "";
  if (form != "channels" && form != "devices") {
    throw std::runtime_error("fleet_floor FOLDER BROKER_PORT STATE_DIRECTORY channels|devices");
  }
  const Sums sums = form == "channels" ? Sums::of_channels : Sums::of_devices;
  const std::string folder = argv[1];
  const auto records = read_records(folder + "/poll.bin");
  std::vector<mqtt::const_message_ptr> messages;
  {
    const auto told = read_records(folder + "/messages.bin");
    for (std::size_t i = 0; i + 2 < told.size(); i += 3) {
      messages.push_back(mqtt::make_message(told[i], told[i + 1], 1, told[i + 2] == "r"));
    }
  }
  Broker broker(argv[2]);
  Rows rows(std::string(argv[3]) + "/floor.sqlite");
  {
    google::protobuf::Arena arena;
    write(rows, decode(records, arena), sums);
  }
  const auto began = Clock::now();
  const double cpu = process_time_s();
  google::protobuf::Arena arena;
  const Replies replies = decode(records, arena);
  const double decoded_s = seconds_since(began);
  write(rows, replies, sums);
  const double written_s = seconds_since(began);
  for (const auto& message : messages) broker.publish(message);
  broker.wait();
  const double took_s = seconds_since(began);
  std::printf(
      "{\"time_s\": %.6f, \"cpu_s\": %.6f, \"messages\": %zu, \"decode_s\": %.6f, \"write_s\": %.6f, "
      "\"publish_s\": %.6f}\n",
      took_s, process_time_s() - cpu, messages.size(), decoded_s, written_s - decoded_s, took_s - written_s);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fleet_floor: %s\n", error.what());
  return 1;
}
