// The example that ships is the manual of the options, so it has to be complete and true.
#include <cctype>

#include "helpers.hpp"
#include "settings/options.hpp"

using namespace settings_stories;
using namespace emporia::settings;

namespace {

const std::string kExample = std::string(SOURCE_DIR) + "/config/emporia2mqtt.toml";

/// "#option = value" with nothing between the sign and the name; prose begins with "# ".
bool is_commented_option(const std::string& line) {
  return line.size() > 1 && line[0] == '#' && std::islower(static_cast<unsigned char>(line[1])) != 0 &&
         line.find(" = ") != std::string::npos;
}

std::string with_line_replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find("\n" + from + "\n");
  REQUIRE(at != std::string::npos);
  return text.replace(at + 1, from.size(), to);
}

/// What its reader does first.
std::string filled_in(const std::string& password_file) {
  const std::string text =
      with_line_replaced(read_text(kExample), "email = \"CHANGE-ME\"", "email = \"me@example.com\"");
  return with_line_replaced(text, "password_file = \"CHANGE-ME\"", "password_file = \"" + password_file + "\"");
}

}  // namespace

TEST_CASE("as it ships, the example asks for the two things that only its reader knows") {
  const auto outcome = load(kExample, environment());
  REQUIRE_FALSE(outcome.ok());
  const Lines messages = texts(outcome.error());
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].find("[partner] email: still holds the example's placeholder") != std::string::npos);
  CHECK(messages[1].find("[partner] password_file: holds no password yet") != std::string::npos);
}

TEST_CASE("filled in, the example loads without a warning and equals the defaults") {
  const Folder folder;
  const std::string password_file = folder.write("password", "correct horse\n");
  const Loaded example = loaded(filled_in(password_file), environment());
  CHECK(texts(example.warnings).empty());
  Settings expected = loaded("").settings;
  expected.partner.password_file = password_file;
  CHECK(example.settings == expected);

  // With the account in the environment, as in a container, it loads as it ships.
  const auto as_it_ships = load(kExample, signed_in());
  REQUIRE(as_it_ships.ok());
  CHECK(texts(as_it_ships.value().warnings).empty());
  CHECK(as_it_ships.value().settings == loaded("").settings);
}

TEST_CASE("with every option uncommented, the example still equals the defaults") {
  const Folder folder;
  const std::string password_file = folder.write("password", "correct horse\n");
  std::string text;
  std::size_t uncommented = 0;
  for (const std::string& line : lines_of(filled_in(password_file))) {
    const bool option = is_commented_option(line);
    text += (option ? line.substr(1) : line) + "\n";
    uncommented += option ? 1 : 0;
  }
  // All but the two that are not commented out.
  CHECK(uncommented == options().size() - 2);
  const Loaded example = loaded(text, environment());
  CHECK(texts(example.warnings).empty());
  Settings expected = loaded("").settings;
  expected.partner.password_file = password_file;
  CHECK(example.settings == expected);
}

TEST_CASE("the example shows every option of the table once, with its default, unit and range") {
  const Settings defaults = loaded("").settings;
  std::map<std::string, std::string> shown;  // "section.name" to its line and the comment above it
  std::string section;
  std::string comment;
  for (const std::string& line : lines_of(read_text(kExample))) {
    const bool option =
        is_commented_option(line) || (!line.empty() && line[0] != '#' && line.find(" = ") != std::string::npos);
    if (option) {
      const std::string bare = line[0] == '#' ? line.substr(1) : line;
      const std::string key = section + "." + bare.substr(0, bare.find(" = "));
      CHECK(shown.count(key) == 0);
      shown[key] = comment + "|" + bare;
    } else if (!line.empty() && line[0] == '[') {
      section = line.substr(1, line.find(']') - 1);
    } else if (line.empty()) {
      comment.clear();
    } else {
      comment += line + " ";
    }
  }
  CHECK(shown.size() == options().size());
  for (const Option& option : options()) {
    const std::string key = std::string(option.section) + "." + std::string(option.name);
    CAPTURE(key);
    REQUIRE(shown.count(key) == 1);
    const std::string text = shown[key].substr(0, shown[key].find('|'));
    const std::string line = shown[key].substr(shown[key].find('|') + 1);
    const bool own = key == "partner.email" || key == "partner.password_file";
    const bool secret = std::holds_alternative<Secret& (*)(Settings&)>(option.slot);
    const std::string value = own ? "\"CHANGE-ME\"" : secret ? "\"\"" : toml_value(option, defaults);
    CHECK(line == std::string(option.name) + " = " + value);
    CHECK(text.size() > 20);
    if (!std::holds_alternative<int& (*)(Settings&)>(option.slot)) continue;
    CHECK(text.find(std::to_string(option.range.min)) != std::string::npos);
    CHECK(text.find(std::to_string(option.range.max)) != std::string::npos);
    if (option.unit == "s") CHECK((text.find("econds") != std::string::npos));
    if (option.unit == "min") CHECK((text.find("inutes") != std::string::npos));
  }
}
