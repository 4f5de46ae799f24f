// Each bad/<name>.toml has beside it bad/<name>.expected: the messages as a person has to see them, written by hand.
// Comments "#env NAME=value" in the file set the environment.
#include <algorithm>

#include "helpers.hpp"

using namespace settings_stories;
namespace settings = emporia::settings;

namespace {

const std::filesystem::path kHere = std::filesystem::path(SOURCE_DIR) / "tests/rooms/settings";

std::vector<std::filesystem::path> files_in(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kHere / folder)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Environment environment_in(const std::string& text) {
  std::map<std::string, std::string> variables;
  for (const std::string& line : lines_of(text)) {
    const auto sign = line.find('=');
    if (line.rfind("#env ", 0) == 0 && sign != std::string::npos)
      variables[line.substr(5, sign - 5)] = line.substr(sign + 1);
  }
  return environment(variables);
}

/// Messages name files with their folder; here it depends on where the project lies.
Lines without_folder(Lines lines, const std::filesystem::path& folder) {
  const std::string prefix = folder.string() + "/";
  for (std::string& line : lines) {
    for (auto at = line.find(prefix); at != std::string::npos; at = line.find(prefix)) line.erase(at, prefix.size());
  }
  return lines;
}

}  // namespace

TEST_CASE("every bad file gets all its messages at once") {
  const auto files = files_in("bad");
  REQUIRE(files.size() >= 15);
  for (const auto& file : files) {
    CAPTURE(file.filename());
    const auto outcome = settings::load(file, environment_in(read_text(file)));
    REQUIRE_FALSE(outcome.ok());
    auto expected = file;
    expected.replace_extension(".expected");
    CHECK(joined(without_folder(texts(outcome.error()), file.parent_path())) == read_text(expected));
  }
}

TEST_CASE("every good file loads with just the warnings that are written beside it") {
  const auto files = files_in("good");
  REQUIRE(files.size() >= 4);
  for (const auto& file : files) {
    CAPTURE(file.filename());
    const auto outcome = settings::load(file, environment_in(read_text(file)));
    INFO((outcome ? std::string() : joined(texts(outcome.error()))));
    REQUIRE(outcome.ok());
    auto expected = file;
    expected.replace_extension(".warnings");
    CHECK(joined(without_folder(texts(outcome.value().warnings), file.parent_path())) == read_text(expected));
  }
}

TEST_CASE("a file that is none") {
  const Folder folder;
  const auto message = [&](const std::string& path) {
    const auto outcome = settings::load(path, signed_in());
    REQUIRE_FALSE(outcome.ok());
    return joined(without_folder(texts(outcome.error()), std::filesystem::path(path).parent_path()));
  };
  CHECK(message(folder.path("none.toml")) ==
        "none.toml: the configuration file does not exist; -c FILE names another\n");
  std::filesystem::create_directory(folder.path("folder.toml"));
  CHECK(message(folder.path("folder.toml")) ==
        "folder.toml: the configuration file is a directory, expected a file; -c FILE names another\n");
  folder.write("large.toml", std::string(1024 * 1024 + 1, '#'));
  CHECK(message(folder.path("large.toml")) ==
        "large.toml: the configuration file is larger than 1048576 bytes; -c FILE names another\n");
  CHECK(message("/dev/null") == "null: the configuration file is not a regular file; -c FILE names another\n");
  // Opens, and then every read of it fails, for root too.
  CHECK(message("/proc/self/mem") ==
        "mem: the configuration file cannot be read: Input/output error; -c FILE names another\n");
}

TEST_CASE("text that is not UTF-8, has a byte order mark or carriage returns") {
  CHECK(problems_of("[mqtt]\nhost = \"caf\xe9\"\n") ==
        Lines{"test.toml:2:12: not UTF-8 text; save the file in the encoding UTF-8"});
  CHECK(loaded("\xef\xbb\xbf[mqtt]\r\nhost = \"broker\"\r\n").settings.mqtt.host == "broker");
  CHECK(problems_of("\xef\xbb\xbfmqqt = 1\n") == Lines{"test.toml:1:1: mqqt: unknown option; did you mean [mqtt]?"});
}
