"""README's commands, and what runs each: the table of tests/readme/run.

A row is a section of README, a command as it stands there, and one or more ways:

    here(STEP)                 runs it each time; STEP is a method of home.Home
    long(STEP)                 runs it with --long
    held(SCRIPT, FILE, WORDS)  the test SCRIPT runs it, or what it comes down to: WORDS in FILE, which SCRIPT uses; where
                               CMake builds the test, SCRIPT is what tells it to
    cannot(REASON)             as it stands, nothing here runs it
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Way:
    kind: str
    what: tuple


def here(step):
    return Way("here", (step,))


def long(step):
    return Way("long", (step,))


def held(script, file, words):
    return Way("held", (script, file, words))


def cannot(reason):
    return Way("cannot", (reason,))


PACKAGES = "tests/packages/run"
STORY = "tests/packages/story.sh"
FOREIGN = "tests/nightly/foreign_packages"
APP = "tests/app/run"
CONTAINER = "tests/container/run"
NO_EDITOR = cannot("wants a person at an editor; what it comes down to is in the test")

DEMO = "See it without an account"
DEBIAN = "Install on Debian or a Raspberry Pi"
ASSISTANT = "Install in Home Assistant"
IMAGE = "Run in a container"
SOURCE = "Install from source"
COMMANDS = "Commands"
COUNTERS = "Look into the counters"
TOPICS = "Topics"
REQUESTS = "Requests"
RUNNING = "Running it"
HEALTH = "Metrics and health"
HOURS = "Right to the hour"
SECURITY = "Security"
SUITE = "tests/process/CMakeLists.txt"
PAST = "tests/process/statistics_test.cpp"
COSTS = "What it costs"
BENCHMARKS = "tests/benchmarks/CMakeLists.txt"

ROWS = [
    (DEMO, "./deploy/demo", here("demo"), long("demo_in_a_clone")),
    (DEMO, "./deploy/demo --once", here("demo_once")),
    (DEMO, "./tests/run", cannot("it is what runs this script")),
    (DEBIAN, "deploy/debian/build", held(PACKAGES, "tests/packages/package.sh", '"$top/deploy/debian/build" "$@" &')),
    (
        DEBIAN,
        "deploy/debian/build arm64",
        cannot("no Raspberry Pi is here: the test runs the package by qemu"),
        held(FOREIGN, FOREIGN, 'make_package "$1"'),
    ),
    (DEBIAN, "sudo apt install ./emporia2mqtt_*.deb", held(PACKAGES, STORY, 'install "/root/$(basename "$1")"')),
    (DEBIAN, "sudoedit /etc/emporia2mqtt/emporia2mqtt.toml", NO_EDITOR, held(PACKAGES, STORY, '>"$root$etc"')),
    (
        DEBIAN,
        "sudoedit /etc/credstore/emporia_password",
        NO_EDITOR,
        held(PACKAGES, STORY, 'set_password emporia_password "$partner_password"'),
    ),
    (DEBIAN, "sudo systemctl restart emporia2mqtt", held(PACKAGES, STORY, "inside systemctl restart emporia2mqtt")),
    (DEBIAN, "systemctl status emporia2mqtt", held(PACKAGES, STORY, "inside systemctl status emporia2mqtt")),
    (DEBIAN, "sudo emporia2mqtt doctor", held(PACKAGES, STORY, "inside emporia2mqtt doctor")),
    (
        DEBIAN,
        "journalctl -u emporia2mqtt",
        held(PACKAGES, "tests/packages/machine.sh", "inside journalctl --quiet -u emporia2mqtt"),
    ),
    (DEBIAN, "sudo systemctl reload emporia2mqtt", held(PACKAGES, STORY, "inside systemctl reload emporia2mqtt")),
    (DEBIAN, "apt install", held(PACKAGES, STORY, 'apt_install "$2"')),
    (DEBIAN, "sudo apt remove emporia2mqtt", held(PACKAGES, STORY, "inside apt-get -q -y remove emporia2mqtt")),
    (DEBIAN, "sudo apt purge emporia2mqtt", held(PACKAGES, STORY, "inside apt-get -q -y purge emporia2mqtt")),
    (
        ASSISTANT,
        "deploy/homeassistant/pack",
        cannot("no Home Assistant OS is here: the test carries out the app's Dockerfile in a Debian"),
        held(APP, APP, 'ROOT / "deploy/homeassistant/pack", "--only"'),
    ),
    (IMAGE, "cd deploy/container", here("container_folder")),
    (
        IMAGE,
        "sudo chown 10052 partner-password && sudo chmod 400 partner-password",
        here("container_password"),
        held(CONTAINER, CONTAINER, '["chown", "10052"'),
    ),
    (
        IMAGE,
        "docker compose up -d",
        cannot("no container engine runs here; the test plays the steps of the Dockerfile and starts what it makes"),
        held(CONTAINER, CONTAINER, "compose.yaml"),
    ),
    (
        SOURCE,
        "sudo apt-get install --no-install-recommends g++ cmake ninja-build pkg-config libgrpc++-dev libabsl-dev tzdata "
        "protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libpaho-mqttpp-dev libpaho-mqtt-dev nlohmann-json3-dev "
        "libtomlplusplus-dev libsqlite3-dev libspdlog-dev libcli11-dev libssl-dev prometheus-cpp-dev "
        "libcpp-httplib-dev libboost-dev ca-certificates",
        here("packages_are_the_same"),
        long("from_source"),
    ),
    (SOURCE, "cmake -S . -B build -G Ninja -DBUILD_TESTING=OFF", long("from_source")),
    (SOURCE, "ninja -C build", long("from_source")),
    (SOURCE, "build/bridge/emporia2mqtt check-config -c my.toml", here("command")),
    (SOURCE, "build/bridge/emporia2mqtt run -c my.toml", here("bridge_is_up")),
    (SOURCE, "build/bridge/emporia2mqtt watch -c my.toml", here("watch")),
    (SOURCE, "build/bridge/emporia2mqtt doctor -c my.toml", here("command")),
    (COMMANDS, "emporia2mqtt --help", here("command")),
    (COMMANDS, "emporia2mqtt usage House --from 7d --scale hours", here("installed")),
    (COMMANDS, "emporia2mqtt usage House --from 2026-01-01 --scale hours -o house.csv", here("installed")),
    (COMMANDS, "emporia2mqtt usage Driveway --from yesterday --to today --format json", here("installed")),
    (COMMANDS, 'emporia2mqtt set "Floor lamp" on OFF', here("installed")),
    (COMMANDS, "emporia2mqtt set Driveway charge_rate_a 16", here("installed")),
    (COMMANDS, "emporia2mqtt devices --json", here("installed")),
    (COMMANDS, "source deploy/completion/emporia2mqtt", here("completion")),
    (COMMANDS, "man -l deploy/man/emporia2mqtt.1", here("manual_page")),
    (COUNTERS, "build/bridge/emporia2mqtt ledger -c my.toml", here("command")),
    (COUNTERS, "build/bridge/emporia2mqtt ledger House -c my.toml", here("command")),
    (COUNTERS, "build/bridge/emporia2mqtt ledger House --verify --from 24h -c my.toml", here("verify")),
    (RUNNING, "systemctl status", held(PACKAGES, STORY, "inside systemctl status emporia2mqtt")),
    (
        TOPICS,
        "mosquitto_pub -h 127.0.0.1 -p PORT -t emporia/B2136B0204240AC4E1F2A3/set/on -m OFF",
        here("at_the_broker"),
    ),
    (
        REQUESTS,
        "mosquitto_rr -h 127.0.0.1 -p PORT -t emporia/bridge/request/health -e my/answers -m '{}'",
        here("at_the_broker"),
    ),
    (
        REQUESTS,
        "mosquitto_rr -h 127.0.0.1 -p PORT -t emporia/bridge/request/usage -e my/answers -m "
        '\'{"device": "House", "scale": "hours", "from": "2026-11-22T00:00:00Z", "to": "2026-11-22T03:00:00Z", '
        '"channels": [1, 2]}\'',
        here("at_the_broker"),
    ),
    (HOURS, "emporia2mqtt statistics backfill --from 2024-01-01 --dry-run", held(SUITE, PAST, '"backfill", from, "--dry-run"')),
    (HOURS, "emporia2mqtt statistics backfill --from 2024-01-01", held(SUITE, PAST, '"statistics", "backfill", from}')),
    (HOURS, "emporia2mqtt statistics verify", held(SUITE, PAST, '"statistics", "verify"')),
    (HOURS, "emporia2mqtt statistics remove", held(SUITE, PAST, '"statistics", "remove"')),
    (SECURITY, "emporia2mqtt --version", here("command")),
    (HEALTH, "curl -f http://127.0.0.1:9877/health", here("health")),
    (
        COSTS,
        "tests/benchmarks/run --short",
        cannot("each of its scripts is a test of its own"),
        held(BENCHMARKS, BENCHMARKS, "IN ITEMS home fleet memory commands"),
    ),
    (COSTS, "tests/benchmarks/run", cannot("half an hour of a machine that does nothing else")),
]
