// Where passwords come from, which place wins, and that none of them is ever printed.
#include <sys/stat.h>

#include "helpers.hpp"

using namespace settings_stories;
using namespace emporia::settings;

namespace {

const std::string kEmail = "[partner]\nemail = \"me@example.com\"\n";

std::string quoted_path(const std::string& path) {
  return "\"" + path + "\"";
}

}  // namespace

TEST_CASE("the password comes from the first place that has one, and the others are named") {
  const Folder folder;
  const std::string file = folder.write("password", "from the file\n");
  std::filesystem::create_directory(folder.path("credentials"));
  folder.write("credentials/emporia_password", "from the credential");
  const std::string inline_only = kEmail + "password = \"from the text\"\n";
  const std::string both = inline_only + "password_file = " + quoted_path(file) + "\n";

  const auto password = [](const Loaded& result) { return result.settings.partner.password.reveal(); };

  Loaded result = loaded(inline_only, environment());
  CHECK(password(result) == "from the text");
  CHECK(texts(result.warnings).empty());

  result = loaded(both, environment());
  CHECK(password(result) == "from the file");
  CHECK(texts(result.warnings) ==
        Lines{"test.toml:3:12: [partner] password: password is not used: password_file comes first"});

  result = loaded(both, environment({{"CREDENTIALS_DIRECTORY", folder.path("credentials")}}));
  CHECK(password(result) == "from the credential");
  CHECK(
      texts(result.warnings) ==
      Lines{"test.toml:3:12: [partner] password: password is not used: the credential emporia_password comes first",
            "test.toml:4:17: [partner] password_file: password_file is not used: the credential emporia_password comes "
            "first"});

  result = loaded(inline_only, environment({{"EMPORIA_PASSWORD", "from the environment"}}));
  CHECK(password(result) == "from the environment");
  CHECK(
      texts(result.warnings) ==
      Lines{
          "test.toml:3:12: [partner] password: password is not used: the environment's EMPORIA_PASSWORD comes first"});

  // A file that is not read is not among the settings in force: a password put there by mistake would be shown.
  CHECK(loaded(both, environment()).settings.partner.password_file == file);
  CHECK(loaded(both, environment({{"EMPORIA_PASSWORD", "x"}})).settings.partner.password_file.empty());

  // A variable that is set to nothing, as an unfilled template leaves it, is not set.
  CHECK(password(loaded(inline_only, environment({{"EMPORIA_PASSWORD", ""}}))) == "from the text");
}

TEST_CASE("the broker's password has the same places") {
  const Folder folder;
  const std::string file = folder.write("mqtt", "from the file\n");
  folder.write("mqtt_password", "from the credential\n");
  const std::string account = "[mqtt]\nusername = \"bridge\"\n";
  std::map<std::string, std::string> variables = {{"EMPORIA_EMAIL", "me@example.com"}, {"EMPORIA_PASSWORD", "x"}};
  const auto password = [&](const std::string& text) {
    return loaded(account + text, environment(variables)).settings.mqtt.password.reveal();
  };
  CHECK(password("").empty());
  CHECK(password("password = \"from the text\"\n") == "from the text");
  CHECK(password("password_file = " + quoted_path(file) + "\n") == "from the file");
  variables["CREDENTIALS_DIRECTORY"] = folder.path("");
  CHECK(password("") == "from the credential");
  variables["EMPORIA_MQTT_PASSWORD"] = "from the environment";
  CHECK(password("") == "from the environment");
}

TEST_CASE("Home Assistant's token has the same places, and is missing only where it is needed") {
  const Folder folder;
  const std::string file = folder.write("token", "from the file\n");
  folder.write("homeassistant_token", "from the credential\n");
  const std::string section = "[statistics]\nenabled = true\nurl = \"http://192.0.2.7:8123\"\n";
  std::map<std::string, std::string> variables = {{"EMPORIA_EMAIL", "me@example.com"}, {"EMPORIA_PASSWORD", "x"}};
  const auto token = [&](const std::string& text) {
    return loaded(section + text, environment(variables)).settings.statistics.token.reveal();
  };
  CHECK(token("token = \"from the text\"\n") == "from the text");
  CHECK(token("token_file = " + quoted_path(file) + "\n") == "from the file");
  const Lines missing = problems_of(section, environment(variables));
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].rfind("test.toml:1:2: [statistics] token: missing; let Home Assistant make", 0) == 0);
  // All at once.
  CHECK(problems_of(section, environment()).size() == 3);
  CHECK(loaded("[statistics]\nurl = \"http://192.0.2.7\"\n").settings.statistics.token.empty());
  variables["CREDENTIALS_DIRECTORY"] = folder.path("");
  CHECK(token("") == "from the credential");
  variables["EMPORIA_HOMEASSISTANT_TOKEN"] = "from the environment";
  CHECK(token("") == "from the environment");

  const Settings settings = loaded(section, environment(variables)).settings;
  CHECK(describe(settings).find("token = \"***\"") != std::string::npos);
  CHECK(describe(settings).find("from the") == std::string::npos);
  CHECK(secrets(settings) == std::vector<std::string>{"x", "from the environment"});
}

TEST_CASE("a password file is its first line, and what cannot be one is refused") {
  const Folder folder;
  const auto with_file = [&](const std::string& path) {
    return kEmail + "password_file = " + quoted_path(path) + "\n";
  };
  const auto password = [&](const std::string& content) {
    return loaded(with_file(folder.write("p", content)), environment()).settings.partner.password.reveal();
  };
  CHECK(password("horse") == "horse");
  CHECK(password("horse\n") == "horse");
  CHECK(password("horse\r\nsecond line\n") == "horse");
  CHECK(password(" blanks stay \n") == " blanks stay ");

  const auto message = [&](const std::string& path) {
    const Lines messages = problems_of(with_file(path), environment());
    REQUIRE(messages.size() == 1);
    const std::string start = "test.toml:3:17: [partner] password_file: ";
    REQUIRE(messages[0].rfind(start + path, 0) == 0);
    return messages[0].substr(start.size() + path.size());
  };
  // Not named: whoever mistakes the option puts the password here.
  for (const std::string& path : {folder.path("none"), folder.path("p") + "/none", std::string(5000, 'x')}) {
    CHECK(
        problems_of(with_file(path), environment()) ==
        Lines{"test.toml:3:17: [partner] password_file: there is no such file; expected the path of a file whose first "
              "line is the password, and a relative path starts at the folder of this configuration file"});
  }
  CHECK(message(folder.write("p", "")) == " has an empty first line, expected the password there");
  CHECK(message(folder.write("p", "\nhorse\n")) == " has an empty first line, expected the password there");
  CHECK(message(folder.write("p", std::string(4097, 'x'))) == " is larger than 4096 bytes");
  CHECK(password(std::string(4096, 'x')).size() == 4096);
  std::filesystem::create_directory(folder.path("d"));
  CHECK(message(folder.path("d")) == " is a directory, expected a file");
  // Opening a pipe for reading would wait for a writer.
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK(message(folder.path("pipe")) == " is not a regular file");

  CHECK(problems_of(with_file(folder.write("p", "caf\xe9\n")), environment()) ==
        Lines{"test.toml:3:17: [partner] password_file: password_file is not UTF-8 text"});
}

TEST_CASE("a file that others can read is used, with a warning") {
  const Folder folder;
  const std::string file = folder.write("password", "correct horse\n");
  const std::string text = kEmail + "password_file = " + quoted_path(file) + "\n";
  CHECK(texts(loaded(text, environment()).warnings).empty());
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  CHECK(texts(loaded(text, environment()).warnings) ==
        Lines{"test.toml:3:17: [partner] password_file: others can read " + file + "; chmod 600 it"});

  const std::string config = folder.write("inline.toml", kEmail + "password = \"correct horse\"\n");
  auto outcome = load(config, environment());
  REQUIRE(outcome.ok());
  CHECK(texts(outcome.value().warnings).empty());
  std::filesystem::permissions(config, std::filesystem::perms(0644));
  outcome = load(config, environment());
  REQUIRE(outcome.ok());
  CHECK(texts(outcome.value().warnings) ==
        Lines{config + ":3:12: [partner] password: stands in a file that others can read; chmod 600 it, or use "
                       "password_file"});
}

TEST_CASE("beside the service's own configuration the passwords are found in systemd's store, by hand as well") {
  const Folder folder;
  std::filesystem::create_directories(folder.path("etc/emporia2mqtt"));
  std::filesystem::create_directories(folder.path("etc/elsewhere"));
  std::filesystem::create_directories(folder.path("etc/credstore"));
  folder.write("etc/credstore/emporia_password", "from the store\n");
  folder.write("etc/credstore/emporia_mqtt_password", "the broker's\n");
  const std::string text = kEmail + "password = \"from the text\"\n";
  const std::string own = folder.write("etc/emporia2mqtt/emporia2mqtt.toml", text);
  const std::string other = folder.write("etc/elsewhere/emporia2mqtt.toml", text);
  const auto password = [](const std::string& file, const Environment& variables) {
    const auto outcome = load(file, variables);
    REQUIRE(outcome.ok());
    return outcome.value().settings.partner.password.reveal();
  };
  CHECK(password(own, environment()) == "from the store");
  CHECK(load(own, environment()).value().settings.mqtt.password.reveal() == "the broker's");
  CHECK(password(other, environment()) == "from the text");
  // Where nothing stands in it yet, it is named.
  const std::string unset = folder.write("etc/emporia2mqtt/unset.toml", kEmail + "password_file = \"CHANGE-ME\"\n");
  std::filesystem::remove(folder.path("etc/credstore/emporia_password"));
  const auto outcome = load(unset, environment());
  REQUIRE(!outcome.ok());
  CHECK(texts(outcome.error()) ==
        Lines{unset +
              ":3:17: [partner] password_file: holds no password yet; let password_file name a file whose first "
              "line is the password, or put it into " +
              folder.path("etc/credstore/emporia_password")});
  folder.write("etc/credstore/emporia_password", "from the store\n");
  // What systemd gave is the whole truth where it gave anything.
  CHECK(password(own, environment({{"CREDENTIALS_DIRECTORY", folder.path("etc")}})) == "from the text");
  CHECK(password(own, environment({{"EMPORIA_PASSWORD", "from the environment"}})) == "from the environment");
}

TEST_CASE("a credential that is empty is named, not passed over") {
  const Folder folder;
  const std::string credential = folder.write("emporia_password", "\n");
  CHECK(problems_of(kEmail, environment({{"CREDENTIALS_DIRECTORY", folder.path("")}})) ==
        Lines{credential + " has an empty first line, expected the password there"});
}

TEST_CASE("the address may come from the environment") {
  const std::string text = "[partner]\nemail = \"file@example.com\"\npassword = \"x\"\n";
  const Loaded result = loaded(text, environment({{"EMPORIA_EMAIL", "env@example.com"}}));
  CHECK(result.settings.partner.email == "env@example.com");
  CHECK(texts(result.warnings) ==
        Lines{"test.toml:2:9: [partner] email: is not used: the environment's EMPORIA_EMAIL comes first"});
  CHECK(problems_of("[partner]\npassword = \"x\"\n", environment({{"EMPORIA_EMAIL", "nobody"}})) ==
        Lines{"the environment's EMPORIA_EMAIL is not an e-mail address"});
}

TEST_CASE("however a password is mistyped, no message holds it") {
  const std::string secret = "hunter2hunter2";
  const char* const forms[] = {"password = hunter2hunter2",
                               "password = \"hunter2hunter2",
                               "password = 'hunter2hunter2\"",
                               "password = \"a\\hunter2hunter2\"",
                               "password = \"x\" hunter2hunter2",
                               "password = [\"hunter2hunter2\"]",
                               "password = { hunter2 = \"hunter2hunter2\" }",
                               "password = \"\"\"hunter2hunter2",
                               "pasword = \"hunter2hunter2\"",
                               "email = \"hunter2hunter2\"",
                               "endpoint = \"hunter2hunter2\"",
                               "endpoint = \"https://me:hunter2hunter2@example.com:443\"",
                               "password \"hunter2hunter2\"",
                               "password = \"x\"\npassword = \"hunter2hunter2\"",
                               "password = true_hunter2hunter2",
                               "plaintext = \"hunter2hunter2\"",
                               "timeout_s = \"hunter2hunter2\"",
                               "customers = \"hunter2hunter2\"",
                               "customers = [\"hunter2hunter2\"]",
                               "password_file = \"hunter2hunter2\""};
  for (const char* form : forms) {
    CAPTURE(form);
    for (const std::string& message : problems_of("[partner]\n" + std::string(form) + "\n", environment())) {
      CHECK(message.find(secret) == std::string::npos);
    }
  }
  // Digits are what the library quotes when it cannot read them.
  for (const char* number : {"99999999999999999999", "0123456789", "1979-13-41", "1e99999", "0x123456789abcdef01234"}) {
    CAPTURE(number);
    const std::string text = "[partner]\npassword = " + std::string(number) + "\n";
    for (const std::string& message : problems_of(text, environment()))
      CHECK(message.find(number) == std::string::npos);
  }
}
