#!/usr/bin/python3 -B
"""The cases of tests/app/run, in a network of their own: cases.py ROOT BUILD_DIR SOURCE_DIR."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE))
import chroot  # noqa: E402
from report import Report, expect, expect_equal, until  # noqa: E402
from supervisor import Supervisor  # noqa: E402

ROOT = chroot.Root(pathlib.Path(sys.argv[1]), None)
BUILD = pathlib.Path(sys.argv[2])
SOURCE = pathlib.Path(sys.argv[3])
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="app-cases."))

LIMIT_S = 60
SERVICE = "/etc/services.d/emporia2mqtt"
ACCOUNT = {"email": "partner@example.com", "password": "simulated"}
DEFAULTS = {"names": [], "groups": [], "mqtt": {}, "log_level": "info"}
BROKER = {
    "host": "core-mosquitto",
    "port": 1883,
    "ssl": False,
    "username": "addons",
    "password": "br0ker's secret",
    "protocol": "3.1.1",
    "addon": "core_mosquitto",
}
TOKEN = "the-token-of-the-app"
# What must be seen nowhere but in the files made for it.
SECRETS = ["simulated", "br0ker's secret", TOKEN]


class Process:
    """A program with its output in a file."""

    count = 0
    started = []

    def __init__(self, argv, **options):
        Process.count += 1
        Process.started.append(self)
        self.log = FOLDER / f"{Process.count}.log"
        with self.log.open("w") as out:
            self.child = subprocess.Popen(
                argv, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True, **options
            )

    def text(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, words):
        until(lambda: words in self.text() or self.child.poll() is not None, words)
        expect(words in self.text(), f"{words!r} is not in {self.text()!r}")

    def ended(self):
        return self.child.wait(LIMIT_S)

    def stop(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            os.killpg(self.child.pid, how)
        return self.ended()


def certificate(name, folder):
    """A certificate of an authority of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    openssl = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "30",
    ]
    chroot.run(openssl + ["-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-subj", f"/CN=Authority of {name}"])
    chroot.run(
        openssl
        + [
            "-keyout",
            folder / "key.pem",
            "-out",
            folder / "cert.pem",
            "-subj",
            f"/CN={name}",
            "-addext",
            f"subjectAltName=DNS:{name}",
            "-addext",
            "basicConstraints=critical,CA:false",
            "-CA",
            folder / "ca.pem",
            "-CAkey",
            folder / "ca.key",
        ]
    )
    return folder


class Mosquitto:
    """A broker at the port where Home Assistant's own is; looked at by a port without rules."""

    def __init__(self, lines=(), users=None, port=1883):
        self._folder = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
        passwords = self._folder / "passwords"
        passwords.write_text("")
        for user, password in (users or {}).items():
            chroot.run(["mosquitto_passwd", "-b", passwords, user, password])
        text = [
            "user root",
            "persistence false",
            "per_listener_settings true",
            "listener 11883 127.0.0.1",
            "allow_anonymous true",
            f"listener {port} 127.0.0.1",
            f"allow_anonymous {'false' if users else 'true'}",
        ]
        if users:
            text.append(f"password_file {passwords}")
        (self._folder / "conf").write_text("\n".join([*text, *lines, ""]))
        self._process = Process(["/usr/sbin/mosquitto", "-c", self._folder / "conf"])
        self._process.wait_for("running")

    def retained(self, topic):
        done = subprocess.run(
            ["mosquitto_sub", "-p", "11883", "-t", topic, "-W", "1", "-F", "%t %p"],
            capture_output=True,
            text=True,
            check=False,
        )
        return dict(line.split(" ", 1) for line in done.stdout.splitlines())

    def one(self, topic):
        done = subprocess.run(
            ["mosquitto_sub", "-p", "11883", "-t", topic, "-C", "1", "-W", str(LIMIT_S)],
            capture_output=True,
            text=True,
            check=False,
        )
        expect(done.returncode == 0, f"nothing at {topic}")
        return done.stdout

    def forget(self):
        for topic in self.retained("#"):
            chroot.run(["mosquitto_pub", "-p", "11883", "-r", "-n", "-t", topic])

    def stop(self):
        self._process.stop()


class App:
    """The app, started as the base image's init does."""

    def __init__(self, options, token=TOKEN, attempts=3, path=None):
        """options: the options of the Configuration page; None for no file, a text for a file as it is."""
        for folder in ("data", "run/emporia2mqtt", "run/s6", "run/s6-linux-init-container-results"):
            shutil.rmtree(ROOT.file(folder), ignore_errors=True)
            ROOT.file(folder).mkdir(parents=True)
        ROOT.file("run/emporia2mqtt").rmdir()
        if options is not None:
            ROOT.write("data/options.json", options if isinstance(options, str) else json.dumps(options), 0o600)
        environment = {"E2M_BROKER_ATTEMPTS": str(attempts), "E2M_BROKER_PAUSE_S": "0.2"}
        if token:
            environment["SUPERVISOR_TOKEN"] = token
        if path:
            environment["PATH"] = path
        for name, value in environment.items():
            ROOT.write(f"run/s6/container_environment/{name}", value)
        self.process = Process(ROOT.argv([f"{SERVICE}/run"]))

    def ended(self):
        return self.process.ended()

    def text(self):
        return self.process.text()

    def stop(self):
        return self.process.stop()


def configured(**options):
    return {**DEFAULTS, **ACCOUNT, **options}


def shows(app, broker):
    """The bridge runs and has published the whole home."""
    until(lambda: len(broker.retained("emporia/+/state")) == 7 or app.process.child.poll() is not None, "7 devices")
    expect(app.process.child.poll() is None, f"the app has ended: {app.text()}")
    expect(len(broker.retained("homeassistant/device/+/config")) == 7, "not everything is announced")


def no_secret_in(text, where):
    for secret in SECRETS:
        expect(secret not in text, f"{where} holds a secret")


class Cases:
    """Every case by itself; the service runs throughout."""

    def tidy(self):
        """Ends what a case that failed has left."""
        for process in Process.started:
            if process is not self.service:
                process.stop(signal.SIGKILL)
        Process.started = [self.service]
        self.supervisor.instead = None
        self.control("password simulated")

    def control_character(self):
        """Only the bridge knows what a name may hold: it says so."""
        manual = {"host": "core-mosquitto"}
        app = App(configured(mqtt=manual, names=[{"device": "B1", "name": "a\u007fb"}]))
        expect_equal(app.ended(), 78, f"exit status; {app.text()}")
        expect("[devices] names: holds a control character" in app.text(), app.text())

    def __init__(self):
        ROOT.mount()
        hosts = ["localhost", "supervisor", "partner.emporiaenergy.com", "core-mosquitto", "broker.example"]
        ROOT.write("etc/hosts", f"127.0.0.1 {' '.join(hosts)}\n")
        certificates = certificate("partner.emporiaenergy.com", FOLDER / "service")
        ROOT.write("usr/local/share/ca-certificates/test.crt", (certificates / "ca.pem").read_text())
        ROOT.run(["update-ca-certificates"])
        self.service = Process(
            [
                BUILD / "tests/simulator/partner-simulator",
                "--home",
                SOURCE / "tests/simulator/homes/typical.toml",
                "--port",
                "50052",
                "--control-port",
                "50053",
                "--certificate",
                certificates / "cert.pem",
                "--key",
                certificates / "key.pem",
            ]
        )
        self.service.wait_for("listening")
        self.supervisor = Supervisor(TOKEN)

    def control(self, line):
        done = subprocess.run(
            ["bash", "-c", 'exec 3<>/dev/tcp/127.0.0.1/50053; printf "%s\\n" "$1" >&3; head -n 1 <&3', "control", line],
            capture_output=True,
            text=True,
            check=True,
        )
        expect(done.stdout.startswith("ok"), f"{line}: {done.stdout}")

    def _refused(self, options, words, status=78, asked=0, **more):
        self.supervisor.requests = 0
        app = App(options, **more)
        expect_equal(app.ended(), status, f"exit status; it said {app.text()!r}")
        for word in words:
            expect(word in app.text(), f"{word!r} is not in {app.text()!r}")
        expect_equal(self.supervisor.requests, asked, "requests to the Supervisor")
        no_secret_in(app.text(), "the log")
        return app

    def no_options(self):
        for options in (None, "", "[]", "{"):
            self._refused(options, ["/data/options.json cannot be read", "save it again"])

    def nothing_filled_in(self):
        self._refused(
            {**DEFAULTS, "email": None, "password": None}, ["no e-mail yet", "no password yet", "Configuration page"]
        )

    def no_password(self):
        app = self._refused({**DEFAULTS, "email": "partner@example.com"}, ["no password yet"])
        expect("no e-mail" not in app.text(), app.text())

    def line_break(self):
        for options in ({"password": "simulated\n"}, {"mqtt": {"host": "core-mosquitto", "password": "a\r\nb"}}):
            self._refused(configured(**options), ["has a line break", "enter it again"])

    def no_host(self):
        self._refused(configured(mqtt={"port": 1884, "username": "me"}), ["name no host", "add the broker's host"])

    def no_broker(self):
        self.supervisor.broker = None
        app = self._refused(
            configured(), ["the Supervisor knows no MQTT broker", "install and start the Mosquitto app"], asked=3
        )
        expect_equal(app.text().count("asking again"), 1, "lines of waiting")

    def wrong_token(self):
        self.supervisor.broker = BROKER
        self._refused(
            configured(),
            ["does not let this app know the MQTT broker", "install the app again"],
            asked=1,
            token="another",
        )
        self._refused(configured(), ["gave no token", "name the broker"], token=None)

    def supervisor_away(self):
        self.supervisor.close()
        try:
            self._refused(configured(), ["the Supervisor does not answer", "restart"], status=69)
        finally:
            self.supervisor = Supervisor(TOKEN)

    def odd_answers(self):
        for instead, words, status in (
            ((502, "bad gateway"), "the Supervisor answered 502", 69),
            ((200, "<html>"), "tells no MQTT broker", 78),
            ((200, '{"result":"ok","data":{}}'), "tells no MQTT broker", 78),
            ((200, '{"result":"ok","data":{"host":"a","port":"b"}}'), "tells no MQTT broker", 78),
        ):
            self.supervisor.instead = instead
            try:
                self._refused(configured(), [words], status=status, asked=3)
            finally:
                self.supervisor.instead = None

    def runs(self):
        """The broker registers late, with its port as a text; and then to the end of it."""
        self.supervisor.broker = {**BROKER, "port": "1883"}
        self.supervisor.requests, self.supervisor.registers_after = 0, 2
        rules = SOURCE / "deploy/mosquitto/acl.example"
        # As Home Assistant's own broker would do with the example's rules for this user.
        text = rules.read_text().replace("user emporia2mqtt", "user addons")
        (FOLDER / "acl").write_text(text)
        broker = Mosquitto([f"acl_file {FOLDER}/acl"], {"addons": BROKER["password"]})
        traced = self._trace()
        app = App(configured(log_level="debug"), attempts=20, path=f"/traced:{chroot.ENVIRONMENT['PATH']}")
        shows(app, broker)
        expect_equal(self.supervisor.requests, 3, "requests to the Supervisor")
        expect("the Supervisor knows no MQTT broker; asking again" in app.text(), app.text())
        self._look_for_secrets(app, broker, traced.read_text())
        self._look_for_entities(broker)
        expect(ROOT.file("data/state/ledger.sqlite").exists(), "the state is not in /data")
        expect_equal(app.stop(), 0, "exit status after SIGTERM")
        expect_equal(broker.one("emporia/bridge/state").strip(), "offline", "the bridge's state")
        broker.stop()

    def _trace(self):
        """Programs in front of those that the script calls, which write down how they are called."""
        log = ROOT.file("tmp/called")
        log.write_text("")
        for name in ("jq", "curl", "sleep", "cat", "mkdir", "rm", "mktemp"):
            ROOT.write(
                f"traced/{name}",
                f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >>/tmp/called\nexec /usr/bin/{name} "$@"\n',
                0o755,
            )
        return log

    def _look_for_secrets(self, app, broker, called):
        expect("curl" in called and "jq" in called, f"nothing was traced: {called}")
        no_secret_in(called, "a command line")
        no_secret_in(app.text(), "the log")
        no_secret_in(json.dumps(broker.retained("#")), "the broker")
        bridge = next(
            path
            for path in pathlib.Path("/proc").glob("[0-9]*")
            if (path / "cmdline").read_bytes().startswith(b"/usr/bin/emporia2mqtt\0")
        )
        no_secret_in((bridge / "cmdline").read_text(), "the bridge's command line")
        no_secret_in((bridge / "environ").read_text(), "the bridge's environment")
        folder = ROOT.file("run/emporia2mqtt")
        expect_equal(folder.stat().st_mode & 0o777, 0o700, "rights of the folder")
        names = sorted(path.name for path in folder.iterdir())
        expect_equal(names, ["emporia2mqtt.toml", "emporia_password", "mqtt_password"], "files that were made")
        for path in folder.iterdir():
            expect_equal(path.stat().st_mode & 0o777, 0o600, f"rights of {path.name}")
        no_secret_in((folder / "emporia2mqtt.toml").read_text(), "the configuration")

    @staticmethod
    def _look_for_entities(broker):
        """Every entity of which the page on the Energy dashboard speaks is announced for this home."""
        names = set()
        for config in broker.retained("homeassistant/device/+/config").values():
            for component in json.loads(config)["components"].values():
                names.add(component.get("name", str(component.get("device_class", "")).capitalize()))
        page = (SOURCE / "deploy/homeassistant-energy.md").read_text()
        # Emphasis is a name: of an entity, or of what is said to be somewhere else. Two stars are no name.
        elsewhere = {"Settings, Dashboards, Energy", "Right hours in statistics"}
        told = {" ".join(name.split()) for name in re.findall(r"(?<!\*)\*([A-Z][^*]*)\*(?!\*)", page)} - elsewhere
        expect(len(told) >= 14, f"few entities: {sorted(told)}")
        expect(
            told <= names,
            f"on the page, but not announced: {sorted(told - names)}; announced: {sorted(names, key=str)}",
        )

    def own_broker(self):
        """Another broker by name, with TLS, a user, and odd characters wherever there may be some."""
        odd = "q\"uo'te \\back $HOME `id` ü€😀 #=[]"
        keys = certificate("broker.example", FOLDER / "broker")
        ROOT.write("ssl/authority.pem", (keys / "ca.pem").read_text())
        broker = Mosquitto([f"certfile {keys}/cert.pem", f"keyfile {keys}/key.pem"], {"me": odd}, port=8883)
        # The simulator's control takes one word.
        word = odd.replace(" ", "")
        self.control(f"password {word}")
        self.supervisor.requests = 0
        manual = {"host": "broker.example", "username": "me", "password": odd, "tls": True, "ca_file": "authority.pem"}
        name = "Lamp \"x\" \\ 'y' $HOME ü€😀"
        app = App(
            configured(password=word, mqtt=manual, names=[{"device": "B2136B0204240AC4E1F2A3", "name": name}]),
            token=None,
        )
        shows(app, broker)
        expect_equal(self.supervisor.requests, 0, "requests to the Supervisor")
        config = json.loads(broker.one("homeassistant/device/emporia_B2136B0204240AC4E1F2A3/config"))
        expect_equal(config["device"]["name"], name, "the name")
        expect(odd not in app.text() and word not in app.text(), "the log holds a password")
        expect_equal(app.stop(), 0, "exit status after SIGTERM")

        broker.forget()
        del manual["ca_file"]
        app = App(configured(password=word, mqtt=manual))
        app.process.wait_for("certificate")
        expect_equal(broker.retained("emporia/#"), {}, "what was published to a broker that is not trusted")
        app.stop()
        broker.stop()
        self.control("password simulated")

    def wrong_password(self):
        self.supervisor.broker, self.supervisor.registers_after = BROKER, 0
        broker = Mosquitto()
        app = App(configured(password="not the password"))
        expect_equal(app.ended(), 77, f"exit status; {app.text()}")
        expect("refuses the e-mail or password" in app.text(), app.text())
        expect("not the password" not in app.text(), "the log holds a password")
        broker.stop()

    def every_option(self):
        """What the bridge has in force when every option is given, each at both its ends."""
        text = (SOURCE / "deploy/homeassistant/config.yaml").read_text()
        ranges = {name: (int(low), int(high)) for name, low, high in re.findall(r"(\w+): int\((\d+),(\d+)\)", text)}
        expect(len(ranges) >= 7, f"few ranges: {ranges}")
        chosen = configured(
            customers=["a@example.com"],
            include=["vue3", "B1"],
            exclude=["battery"],
            names=[{"device": "B1", "name": "One"}],
            announce_unused_circuits=True,
            circuits_as_devices=True,
            groups=[
                {
                    "id": "flat",
                    "name": "Flat",
                    "plus": ["A1:7", "A1:9 * 0.5"],
                    "minus": ["A1:mains"],
                    "direction": "bidirectional",
                }
            ],
            base_topic="home/emporia",
            discovery_prefix="ha",
            metrics=True,
            log_level="warning",
            mqtt={
                "host": "core-mosquitto",
                "port": 1884,
                "username": "u",
                "password": "p",
                "tls": True,
                "ca_file": "authority.pem",
                "version": "3",
            },
        )
        for end in (0, 1):
            numbers = {name: limits[end] for name, limits in ranges.items()}
            shown = self._in_force({**chosen, **numbers, "command_reserve": 9})
            for line in (
                'email = "partner@example.com"',
                'customers = ["a@example.com"]',
                'include = ["vue3", "B1"]',
                'exclude = ["battery"]',
                "announce_unused_circuits = true",
                "circuits_as_devices = true",
                'base_topic = "home/emporia"',
                'prefix = "ha"',
                'listen = "0.0.0.0:9877"',
                'level = "warning"',
                'host = "core-mosquitto"',
                "port = 1884",
                'username = "u"',
                "tls = true",
                'ca_file = "/ssl/authority.pem"',
                "version = 3",
                'directory = "/data/state"',
                'id = "flat"',
                'direction = "bidirectional"',
                "command_reserve = 9",
                *(f"{name} = {value}" for name, value in numbers.items() if name != "command_reserve"),
            ):
                expect(line in shown, f"{line} is not in force:\n{shown}")
            expect("A1:9" in shown and "0.5" in shown, f"no share of a circuit:\n{shown}")
        self._in_force({**configured(mqtt=chosen["mqtt"]), "calls_per_hour": 1000, "command_reserve": 999})

    def _in_force(self, options):
        ROOT.write("data/options.json", json.dumps(options))
        made = ROOT.run(["/usr/bin/emporia2mqtt-configure"]).strip()
        return ROOT.run(["/usr/bin/emporia2mqtt", "check-config", "--show", "-c", made])

    def finish(self):
        """What the service's end leads to, with a halt and a pause that write down that they were called."""
        log = ROOT.file("tmp/finished")
        ROOT.write("run/s6/basedir/bin/halt", "#!/bin/sh\necho halt >>/tmp/finished\n", 0o755)
        ROOT.write("paused/sleep", '#!/bin/sh\necho "sleep $1" >>/tmp/finished\n', 0o755)
        results = ROOT.file("run/s6-linux-init-container-results")
        for status, wanted, code in (
            (0, "", None),
            (2, "halt\n", "2"),
            (77, "halt\n", "77"),
            (78, "halt\n", "78"),
            (1, "sleep 10\n", None),
            (69, "sleep 10\n", None),
            (73, "sleep 10\n", None),
            (127, "sleep 10\n", None),
            (256, "sleep 10\n", None),
        ):
            log.write_text("")
            shutil.rmtree(results, ignore_errors=True)
            results.mkdir(parents=True)
            ROOT.run(
                [f"{SERVICE}/finish", str(status), "0"], environment={"PATH": f"/paused:{chroot.ENVIRONMENT['PATH']}"}
            )
            expect_equal(log.read_text(), wanted, f"after {status}")
            told = results / "exitcode"
            expect_equal(
                told.read_text() if told.exists() else None, code, f"exit code of the container after {status}"
            )

    def supervised(self):
        """Under a real s6: restarted after a fault, stopped for good when a person has to act."""
        broker = Mosquitto()
        self.supervisor.broker, self.supervisor.registers_after = BROKER, 0
        App("{}").ended()
        self.finish()
        ROOT.file("tmp/finished").write_text("")
        ROOT.write("data/options.json", json.dumps(configured()))
        shutil.rmtree(ROOT.file("run/service"), ignore_errors=True)
        shutil.copytree(ROOT.file(SERVICE), ROOT.file("run/service/emporia2mqtt"))
        scan = Process(
            ROOT.argv(["s6-svscan", "/run/service"], environment={"PATH": f"/paused:{chroot.ENVIRONMENT['PATH']}"})
        )
        until(lambda: len(broker.retained("emporia/+/state")) == 7, "7 devices")
        first = self._pid()
        os.kill(first, signal.SIGKILL)
        until(lambda: self._pid() not in (None, first), "a second bridge")
        expect_equal(ROOT.file("tmp/finished").read_text(), "sleep 10\n", "what was called after a fault")
        until(lambda: broker.one("emporia/bridge/state").strip() == "online", "the second bridge online")
        # As at the end of the container; not ended by force, which would leave 256.
        ROOT.run(["s6-svc", "-wD", "-T", "8000", "-d", "/run/service/emporia2mqtt"])
        expect_equal(broker.one("emporia/bridge/state").strip(), "offline", "the bridge's state")
        expect_equal(ROOT.file("tmp/finished").read_text(), "sleep 10\n", "what was called after a stop")

        # The password was changed in the portal: once is enough, and the container ends with 77.
        self.control("password changed")
        ROOT.run(["s6-svc", "-u", "/run/service/emporia2mqtt"])
        until(lambda: "halt" in ROOT.file("tmp/finished").read_text(), "halt")
        expect_equal(ROOT.file("run/s6-linux-init-container-results/exitcode").read_text(), "77", "exit code")
        self.control("password simulated")
        ROOT.run(["s6-svscanctl", "-t", "/run/service"])
        scan.ended()
        broker.stop()

    @staticmethod
    def _pid():
        text = ROOT.run(["s6-svstat", "-o", "pid", "/run/service/emporia2mqtt"]).strip()
        name = pathlib.Path(f"/proc/{text}/exe")
        return int(text) if int(text) > 0 and name.exists() and name.resolve().name == "emporia2mqtt" else None


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
    report = Report()
    try:
        cases = Cases()
        for name, body in (
            ("no options, or what is no options file: the page is to be saved again", cases.no_options),
            ("nothing filled in: both told at once", cases.nothing_filled_in),
            ("no password", cases.no_password),
            ("a password with a line break is refused", cases.line_break),
            ("options of another broker without its host", cases.no_host),
            ("no broker known to the Supervisor: asked again, then told what to do", cases.no_broker),
            ("a token that the Supervisor refuses, and none: told at once", cases.wrong_token),
            ("a Supervisor that does not answer: another status, so that it is tried again", cases.supervisor_away),
            ("answers that are none", cases.odd_answers),
            (
                "a broker that registers late, with user, password and rules: the home is published; no secret is seen",
                cases.runs,
            ),
            (
                "another broker with TLS and odd characters in passwords and names; untrusted without its authority",
                cases.own_broker,
            ),
            ("a name that the bridge does not take: it says which", cases.control_character),
            ("a password that the service refuses: status 77", cases.wrong_password),
            ("every option is in force at the bridge, numbers at both ends of their range", cases.every_option),
            (
                "finish ends the container for 2, 77 and 78, pauses for faults, and does nothing after a stop",
                cases.finish,
            ),
            (
                "under s6 a killed bridge comes back, a stop is clean, and a refused password ends the container",
                cases.supervised,
            ),
        ):
            report.test(name, body)
            cases.tidy()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    report.end()


if __name__ == "__main__":
    main()
