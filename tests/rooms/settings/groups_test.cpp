// [[group]]: what a group is read as. Its problems are in bad/groups.toml, what is hardly meant in good/groups.toml.
#include "helpers.hpp"
#include "model/device.hpp"
#include "settings/options.hpp"

using namespace settings_stories;
using namespace emporia::settings;

TEST_CASE("groups are read with their members, shares and directions; the id stands in for a name") {
  const auto groups =
      loaded(read_text(std::string(SOURCE_DIR) + "/tests/rooms/settings/good/groups.toml")).settings.groups;
  REQUIRE(groups.size() == 2);
  CHECK(groups[0] == Group{"upper-flat",
                           "Upper flat",
                           {{"A1", "7", 1, false}, {"B2", "mains", 0.5, false}, {"odd: id", "4", 1, true}},
                           "consumption"});
  CHECK(groups[1] ==
        Group{"2",
              "2",
              {{"A1", "mains", 1, false}, {"A1", "7", 1, false}, {"A1", "balance", 1, true}, {"A1", "8", 1, true}},
              "bidirectional"});
}

TEST_CASE("minus may stand before plus") {
  const auto groups = loaded("[[group]]\nminus = [\"A:4\"]\nplus = [\"A:mains\"]\nid = \"x\"\n").settings.groups;
  CHECK(groups.at(0).members == std::vector<GroupMember>{{"A", "mains", 1, false}, {"A", "4", 1, true}});
}

TEST_CASE("what describe() writes of groups loads again and is the same") {
  const Settings settings = loaded(
                                "[[group]]\nid = \"a\"\nname = 'say \"a\"'\nplus = [\"A1:4\", { circuit = \"B:mains\", "
                                "share = 0.333 }]\n[[group]]\nid = \"b\"\nplus = [\"A1:4\"]\nminus = [\"B:7\"]\n"
                                "direction = \"generation\"\n")
                                .settings;
  CHECK(describe(settings).find("\n[[group]]\nid = \"a\"\nname = \"say \\\"a\\\"\"\nplus = [\"A1:4\", { circuit = "
                                "\"B:mains\", share = 0.333 }]\nminus = []\ndirection = \"consumption\"\n") !=
        std::string::npos);
  CHECK(loaded(describe(settings)).settings.groups == settings.groups);
}

TEST_CASE("the example's groups load as they stand there, and show every option") {
  std::string text;
  for (const std::string& line : lines_of(read_text(std::string(SOURCE_DIR) + "/config/emporia2mqtt.toml"))) {
    const bool of_group = line.rfind("#   [[", 0) == 0 || (!text.empty() && line.rfind("#   ", 0) == 0);
    if (of_group) text += line.substr(4) + "\n";
  }
  const Loaded example = loaded(text);
  CHECK(texts(example.warnings).empty());
  CHECK(example.settings.groups.size() >= 2);
  for (const GroupOption& option : group_options()) {
    CAPTURE(option.name);
    CHECK(text.find("\n" + std::string(option.name) + " = ") != std::string::npos);
    CHECK(manual().find("\n  " + std::string(option.name) + ": " + std::string(option.help) + "\n") !=
          std::string::npos);
  }
}

TEST_CASE("the words for a group's direction are those of the model room") {
  using emporia::model::EnergyDirection;
  std::vector<std::string_view> words;
  for (const auto direction :
       {EnergyDirection::consumption, EnergyDirection::generation, EnergyDirection::bidirectional}) {
    words.push_back(emporia::model::word(direction));
  }
  CHECK(words == group_directions());
}
