#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace emporia::benchmarks {

// What the programs of the fleet hand each other: files of records, each its length in four bytes, little-endian, and
// then itself.
//
//   inventory.bin  the inventory's reply
//   calls.bin      request and reply of every call, by turns
//   before.bin     the replies of usage before the measured poll
//   poll.bin       those of the measured poll
//   messages.bin   what the bridge published for it: topic, payload and "r" for retained or "", by turns

inline void write_records(const std::string& path, const std::vector<std::string>& records) {
  std::ofstream file(path, std::ios::binary);
  for (const std::string& record : records) {
    const auto size = static_cast<std::uint32_t>(record.size());
    for (unsigned byte = 0; byte < 4; ++byte) file.put(static_cast<char>(size >> (8 * byte) & 0xff));
    file.write(record.data(), static_cast<std::streamsize>(record.size()));
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

inline std::vector<std::string> read_records(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<std::string> records;
  char head[4];
  while (file.read(head, sizeof head)) {
    std::uint32_t size = 0;
    for (unsigned byte = 0; byte < 4; ++byte) {
      size |= static_cast<std::uint32_t>(static_cast<unsigned char>(head[byte])) << (8 * byte);
    }
    std::string& record = records.emplace_back(size, '\0');
    file.read(record.data(), static_cast<std::streamsize>(size));
  }
  return records;
}

}  // namespace emporia::benchmarks
