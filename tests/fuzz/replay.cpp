// Every input that is kept in a fuzzer's corpus, once, without an engine: what was found stays found, with any
// compiler.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/law.hpp"

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "replay FOLDER\n"), 2;
  int inputs = 0;
  int broken = 0;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    const std::string law = emporia::fuzz::broken_law(input);
    ++inputs;
    if (law.empty()) continue;
    ++broken;
    std::fprintf(stderr, "%s: %s\n", entry.path().c_str(), law.c_str());
  }
  std::printf("%d inputs, %d break a law\n", inputs, broken);
  return inputs == 0 || broken > 0 ? 1 : 0;
}
