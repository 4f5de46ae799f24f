#include "settings/settings.hpp"

#include "helpers.hpp"
#include "model/device.hpp"
#include "settings/options.hpp"

using namespace settings_stories;
using namespace emporia::settings;

TEST_CASE("an empty file is enough where the environment tells the account") {
  const Settings settings = loaded("").settings;
  CHECK(settings.partner.email == "me@example.com");
  CHECK(settings.partner.password.reveal() == "correct horse");
  CHECK(settings.partner.endpoint == "partner.emporiaenergy.com:50052");
  CHECK(settings.partner.timeout_s == 15);
  CHECK(settings.partner.usage_timeout_s == 45);
  CHECK(settings.budget.calls_per_hour == 95);
  CHECK(settings.budget.command_reserve == 15);
  CHECK(settings.polling.usage_interval_s == 0);
  CHECK(settings.polling.settle_minutes == 30);
  CHECK(settings.polling.stale_after_minutes == 120);
  CHECK(settings.mqtt.host == "localhost");
  CHECK(settings.mqtt.port == 1883);
  CHECK(settings.mqtt.client_id == "emporia2mqtt-emporia");
  CHECK(settings.mqtt.version == 5);
  CHECK(settings.mqtt.keep_alive_s == 30);
  CHECK(settings.mqtt.base_topic == "emporia");
  CHECK(settings.homeassistant.enabled);
  CHECK(settings.homeassistant.status_topic == "homeassistant/status");
  CHECK_FALSE(settings.http.enabled);
  CHECK(settings.http.listen == "127.0.0.1:9877");
  CHECK_FALSE(settings.http.per_device_metrics);
  CHECK(settings.state.directory == "/var/lib/emporia2mqtt");
  CHECK(settings.log.level == emporia::runtime::LogLevel::info);
  CHECK(settings.log.format == emporia::runtime::LogFormat::automatic);
}

TEST_CASE("defaults that follow from other options") {
  CHECK(loaded("[mqtt]\ntls = true\n").settings.mqtt.port == 8883);
  CHECK(loaded("[mqtt]\ntls = true\nport = 8884\n").settings.mqtt.port == 8884);
  CHECK(loaded("[mqtt]\nbase_topic = \"home/emporia\"\n").settings.mqtt.client_id == "emporia2mqtt-home-emporia");
  CHECK(loaded("[mqtt]\nclient_id = \"mine\"\n").settings.mqtt.client_id == "mine");

  const auto by_systemd = environment(
      {{"EMPORIA_EMAIL", "me@example.com"}, {"EMPORIA_PASSWORD", "x"}, {"STATE_DIRECTORY", "/var/lib/a:/var/lib/b"}});
  CHECK(loaded("", by_systemd).settings.state.directory == "/var/lib/a");
  CHECK(loaded("[state]\ndirectory = \"/srv/emporia\"\n", by_systemd).settings.state.directory == "/srv/emporia");
}

TEST_CASE("relative paths start at the configuration file's folder") {
  const auto outcome = parse("[state]\ndirectory = \"state\"\n", "/etc/emporia2mqtt/emporia2mqtt.toml", signed_in());
  REQUIRE(outcome.ok());
  CHECK(outcome.value().settings.state.directory == "/etc/emporia2mqtt/state");
  CHECK(loaded("[state]\ndirectory = \"state\"\n").settings.state.directory == "state");
}

TEST_CASE("TOML's other ways to write the same") {
  CHECK(loaded("mqtt.port = 1884\n").settings.mqtt.port == 1884);
  CHECK(loaded("mqtt = { port = 1884, \"host\" = 'b' }\n").settings.mqtt.port == 1884);
  const auto names = loaded("[devices.names]\nA1 = \"Garage\"\n\"B 2\" = 'Caf\xc3\xa9'\n").settings.devices.names;
  CHECK(names == std::map<std::string, std::string>{{"A1", "Garage"}, {"B 2", "Caf\xc3\xa9"}});
  CHECK(loaded("devices.names = { A1 = \"Garage\" }\n").settings.devices.names.at("A1") == "Garage");
}

TEST_CASE("the edges of every number are legal and their neighbours are not") {
  for (const Option& option : options()) {
    if (!std::holds_alternative<int& (*)(Settings&)>(option.slot)) continue;
    CAPTURE(option.name);
    const auto refused = [&](int number) {
      const std::string text =
          "[" + std::string(option.section) + "]\n" + std::string(option.name) + " = " + std::to_string(number) + "\n";
      const auto outcome = parse(text, "test.toml", signed_in());
      // Contradictions with other defaults are another matter; their sentence has no "expected".
      return !outcome.ok() && to_text(outcome.error().front()).find("expected") != std::string::npos;
    };
    REQUIRE(option.range.min < option.range.max);
    CHECK_FALSE(refused(option.range.min));
    CHECK_FALSE(refused(option.range.max));
    CHECK(refused(option.range.min - 1));
    CHECK(refused(option.range.max + 1));
    if (option.range.kind == Range::Kind::automatic) CHECK_FALSE(refused(0));
    if (option.range.kind == Range::Kind::either_end) CHECK(refused(option.range.min + 1));
  }
}

TEST_CASE("every row of the table is explained, and no name stands twice") {
  std::map<std::string, int> seen;
  for (const Option& option : options()) {
    CAPTURE(option.name);
    CHECK(++seen[std::string(option.section) + "." + std::string(option.name)] == 1);
    CHECK(option.help.size() >= 8);
  }
  CHECK(section_names() == std::vector<std::string_view>{"partner", "budget", "polling", "commands", "devices", "mqtt",
                                                         "homeassistant", "statistics", "http", "fleet", "state",
                                                         "ledger", "log"});
}

TEST_CASE("what describe() writes loads again and is the same, but for the secrets") {
  const std::string text =
      "[partner]\nendpoint = \"[::1]:50052\"\nplaintext = true\ncustomers = [\"a@example.com\", \"b@example.com\"]\n"
      "[devices]\ninclude = [\"vue3\"]\nnames = { A1 = 'a \"quoted\" \\ name' }\n"
      "[mqtt]\nusername = \"bridge\"\npassword = \"battery staple\"\nversion = 3\n[log]\nlevel = \"debug\"\n";
  Settings settings = loaded(text).settings;
  const std::string description = describe(settings);
  CHECK(description.find("password = \"***\"") != std::string::npos);
  CHECK(description.find("battery") == description.find("battery staple"));
  CHECK(description.find("horse") == std::string::npos);
  CHECK(description.find("staple") == std::string::npos);

  Settings again = loaded(description, environment()).settings;
  CHECK(again.partner.password.reveal() == "***");
  CHECK(again.mqtt.password.reveal() == "***");
  again.partner.password = settings.partner.password;
  again.mqtt.password = settings.mqtt.password;
  CHECK(again == settings);
}

TEST_CASE("the manual tells of each option what it takes and its default") {
  const std::string text = manual();
  for (const Option& option : options()) {
    CAPTURE(option.name);
    CHECK(text.find("\n  " + std::string(option.name) + ": " + std::string(option.help) + "\n") != std::string::npos);
  }
  for (const char* lines :
       {"[partner]\n  email: address with which you sign in to the partner portal\n      a string, like \"text\"\n",
        "\n[mqtt]\n  host: name or address of the broker\n      a string, like \"text\"; default \"localhost\"\n",
        "  port: its port\n      a whole number from 1 to 65535; default 1883, 8883 with tls\n",
        "      a string, like \"text\"; default $STATE_DIRECTORY, else /var/lib/emporia2mqtt\n",
        "      0 (automatic) or a whole number from 30 to 3600 s; default 0\n"}) {
    CAPTURE(lines);
    CHECK(text.find(lines) != std::string::npos);
  }
}

TEST_CASE("secrets() hands out what must not leave") {
  CHECK(secrets(loaded("").settings) == Lines{"correct horse"});
  CHECK(secrets(loaded("[mqtt]\nusername = \"u\"\npassword = \"staple\"\n").settings) ==
        Lines{"correct horse", "staple"});
  CHECK(secrets(Settings{}).empty());
}

TEST_CASE("include and exclude") {
  Devices devices;
  CHECK(wanted(devices, "A1", "vue3"));
  devices.include = {"vue3", "B2"};
  CHECK(wanted(devices, "A1", "vue3"));
  CHECK(wanted(devices, "B2", "outlet"));
  CHECK_FALSE(wanted(devices, "B3", "outlet"));
  // Ids are case-sensitive.
  CHECK_FALSE(wanted(devices, "b2", "outlet"));
  devices.exclude = {"A1"};
  CHECK_FALSE(wanted(devices, "A1", "vue3"));
  CHECK(wanted(devices, "A2", "vue3"));
}

TEST_CASE("the words for models are those of the model room") {
  using emporia::model::DeviceModel;
  std::vector<std::string_view> words;
  for (const DeviceModel model :
       {DeviceModel::vue1, DeviceModel::vue2, DeviceModel::vue3, DeviceModel::utility_connect, DeviceModel::outlet,
        DeviceModel::ev_charger, DeviceModel::battery, DeviceModel::unknown}) {
    words.push_back(emporia::model::word(model));
  }
  CHECK(words == model_words());
}
