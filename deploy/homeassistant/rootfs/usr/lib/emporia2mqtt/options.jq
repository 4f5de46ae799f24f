# The bridge's configuration from the app's options. $brokers[0]: what is known of the broker, in the words of the option
# mqtt; $made: the folder of the passwords' files; $state: the folder for what has to survive; $supervisor: where its way to
# Home Assistant's WebSocket API is.
#
# JSON's strings, numbers, booleans and arrays of strings are TOML's as well, except that TOML wants DEL escaped.
def toml: tojson | gsub("\u007f"; "\\u007f");
def given: . != null and . != "" and . != [];
def line($name): if given then "\($name) = \(toml)" else empty end;

# A circuit, "id:channel", or a share of one, "id:channel * 0.5".
def member:
  [match("^ *(.*[^ ]) *[*] *([0-9]+([.][0-9]+)?) *$")] as $parts
  | if $parts == [] then toml
    else "{ circuit = \($parts[0].captures[0].string | toml), share = \($parts[0].captures[1].string) }" end;
def members($name): if given then "\($name) = [\(map(member) | join(", "))]" else empty end;

. as $o
| $brokers[0] as $broker
| "# Made from the options of the app at its start.",
  "[partner]",
  ($o.email | line("email")),
  ("\($made)/emporia_password" | line("password_file")),
  ($o.customers | line("customers")),
  "[budget]",
  ($o.calls_per_hour | line("calls_per_hour")),
  ($o.command_reserve | line("command_reserve")),
  "[polling]",
  ($o.usage_interval_s | line("usage_interval_s")),
  ($o.inventory_interval_s | line("inventory_interval_s")),
  ($o.state_interval_s | line("state_interval_s")),
  ($o.stale_after_minutes | line("stale_after_minutes")),
  "[devices]",
  ($o.include | line("include")),
  ($o.exclude | line("exclude")),
  ($o.announce_unused_circuits | line("announce_unused_circuits")),
  ($o.names // []
    | if . == [] then empty
      else map({key: .device, value: .name}) | from_entries | to_entries
        | "names = { \(map("\(.key | toml) = \(.value | toml)") | join(", ")) }" end),
  "[mqtt]",
  ($broker.host | line("host")),
  ($broker.port | line("port")),
  ($broker.username | line("username")),
  ($broker.password | if given then "\($made)/mqtt_password" | line("password_file") else empty end),
  ($broker.tls | line("tls")),
  ($broker.ca_file | if given and (startswith("/") | not) then "/ssl/" + . else . end | line("ca_file")),
  ($broker.version | if given then tonumber | line("version") else empty end),
  ($o.base_topic | line("base_topic")),
  "[homeassistant]",
  ($o.discovery_prefix | line("prefix")),
  ($o.circuits_as_devices | line("circuits_as_devices")),
  (if $o.statistics == true then
    "[statistics]", "enabled = true", ($supervisor | line("url")), ("\($made)/homeassistant_token" | line("token_file")),
    ($o.statistics_mean_power | line("mean_power")) else empty end),
  (if $o.metrics == true then "[http]", "enabled = true", "listen = \"0.0.0.0:9877\"" else empty end),
  "[state]",
  ("\($state)/state" | line("directory")),
  "[ledger]",
  ($o.keep_days | line("keep_days")),
  "[log]",
  ($o.log_level | line("level")),
  ($o.groups // [] | .[]
    | "[[group]]", (.id | line("id")), (.name | line("name")), (.plus | members("plus")), (.minus | members("minus")),
      (.direction | line("direction")))
