"""What the scripts here share: a broker, the simulated service and a program under measurement, each a process of its
own on free ports of loopback; what /proc tells of a process; tables of figures."""
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The most that anything here is waited for.
LIMIT_S = 120


class Failed(Exception):
    """Nothing can be measured; what() says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, limit_s=LIMIT_S, every_s=0.01):
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {limit_s} s")
        time.sleep(every_s)


class Process:
    """A child that ends with the block it belongs to."""

    def __init__(self, argv, log, environment=None):
        self.log = pathlib.Path(log)
        self.begun_at = time.time()
        with open(self.log, "wb") as out:
            self.child = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
            )

    @property
    def pid(self):
        return self.child.pid

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, text):
        def there():
            if text in self.said():
                return True
            if self.child.poll() is not None:
                raise Failed(f"{self.child.args[0]} has ended: {self.said()[-2000:]}")
            return False

        wait_until(there, f"{self.child.args[0]} says '{text}'")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class FakeClock:
    """The page that tests/support/fake_clock_page.hpp describes: the clock of programs started with environment()."""

    def __init__(self, folder, build, rate):
        self.path = pathlib.Path(folder) / f"clock-{rate}"
        self.library = pathlib.Path(build) / "tests/support/libfake_clock.so"
        self.start = int(time.time())
        self.rate = rate
        self.path.write_bytes(struct.pack("<qqqq", rate, time.monotonic_ns(), self.start * 10**9, 0))

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "E2M_FAKE_CLOCK": str(self.path)}


class World:
    """A folder, a broker, and a service unless its arguments are None."""

    def __init__(self, build, service=None, clock_rate=1):
        self.build = pathlib.Path(build)
        self._service_arguments = service
        self._rate = clock_rate
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        self.folder = pathlib.Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="e2m-benchmark-")))
        self.clock = FakeClock(self.folder, self.build, self._rate) if self._rate != 1 else None
        self._start_broker()
        if self._service_arguments is None:
            return self
        arguments = [self.build / "tests/simulator/partner-simulator", "--quota", "0", *self._service_arguments]
        if self.clock:
            arguments += ["--start-time", self.clock.start, "--time-scale", self._rate]
        self.service = self.start("service", arguments)
        self.service.wait_for("listening ")
        told = dict(word.split("=", 1) for word in self.service.said().split()[1:])
        self.endpoint = f"localhost:{told['port']}"
        self.ca_file = told["ca"]
        self.control_port = int(told["control"])
        return self

    def __exit__(self, *how):
        return self._stack.__exit__(*how)

    def _start_broker(self):
        for _ in range(10):
            self.broker_port = free_port()
            (self.folder / "mosquitto.conf").write_text(
                f"user root\npersistence false\nlog_dest stderr\nlog_type error\nlog_type notice\n"
                f"max_queued_messages 0\nset_tcp_nodelay true\nlistener {self.broker_port} 127.0.0.1\n"
                "allow_anonymous true\n"
            )
            broker = self.start("broker", ["/usr/sbin/mosquitto", "-c", self.folder / "mosquitto.conf"])
            with contextlib.suppress(Failed):
                wait_until(lambda: self._listens(broker), "the broker listens", 10)
                self.broker = broker
                return
        raise Failed(f"mosquitto does not start: {broker.said()}")

    def _listens(self, broker):
        if broker.child.poll() is not None:
            raise Failed("ended")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.broker_port)) == 0

    def start(self, name, argv, with_clock=False):
        environment = self.clock.environment() if with_clock and self.clock else None
        return self._stack.enter_context(Process(argv, self.folder / f"{name}.log", environment))

    def control(self, line):
        """One line to the simulator's control port, and its answer."""
        with socket.create_connection(("127.0.0.1", self.control_port)) as connection:
            connection.sendall(line.encode() + b"\n")
            with connection.makefile() as answers:
                return answers.readline().strip()

    def bridge_arguments(self, name="bridge", extra=""):
        folder = self.folder / name
        folder.mkdir()
        password = folder / "password"
        password.write_text("simulated\n")
        password.chmod(0o600)
        config = folder / "emporia2mqtt.toml"
        config.write_text(
            f'[partner]\nemail = "partner@example.com"\npassword_file = "password"\nendpoint = "{self.endpoint}"\n'
            f'ca_file = "{self.ca_file}"\n[mqtt]\nhost = "127.0.0.1"\nport = {self.broker_port}\n'
            f'[state]\ndirectory = "{folder}/state"\n{extra}'
        )
        return [self.build / "bridge/emporia2mqtt", "run", "--config", config]

    def peer_arguments(self, name="peer"):
        folder = self.folder / name
        folder.mkdir()
        return [
            "/usr/bin/python3",
            ROOT / "tests/benchmarks/peer/peer.py",
            "--service", self.endpoint,
            "--ca", self.ca_file,
            "--broker-port", self.broker_port,
            "--state", folder,
        ]


class Subscriber:
    """What passes at the broker, with the time of its arrival there."""

    def __init__(self, world, filters):
        self._marker = f"benchmark/marker/{free_port()}"
        argv = ["mosquitto_sub", "-h", "127.0.0.1", "-p", world.broker_port, "-V", "5", "-q", "1", "-F", "%U %t %p"]
        for name in [*filters, self._marker]:
            argv += ["-t", name]
        self.process = world.start(f"subscriber-{free_port()}", argv)

        # It has subscribed when something published afterwards arrives.
        def marked():
            publish(world, self._marker, "x")
            return self._marker in self.process.said()

        wait_until(marked, "the subscriber hears the broker", every_s=0.05)

    def messages(self):
        """(time, topic, payload) of each whole line so far."""
        seen = []
        for line in self.process.said().split("\n")[:-1]:
            at, topic, payload = line.split(" ", 2)
            if topic != self._marker:
                seen.append((float(at), topic, payload))
        return seen


def publish(world, topic, payload):
    subprocess.run(
        ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(world.broker_port), "-V", "5", "-q", "1", "-t", topic, "-m", payload],
        check=True,
        stdin=subprocess.DEVNULL,
    )


@dataclasses.dataclass
class Memory:
    """In MB of a million bytes."""

    resident: float
    anonymous: float
    proportional: float


def memory(pid):
    def kilobytes(path, key):
        found = re.search(rf"^{key}:\s+(\d+) kB", pathlib.Path(path).read_text(), re.MULTILINE)
        return int(found.group(1)) * 1024 / 1e6

    status = f"/proc/{pid}/status"
    return Memory(
        kilobytes(status, "VmRSS"), kilobytes(status, "RssAnon"), kilobytes(f"/proc/{pid}/smaps_rollup", "Pss")
    )


def cpu_s(pid):
    """Processor time of all its threads, also of those that have ended: the process's own clock, by its number."""
    return time.clock_gettime((~pid) << 3 | 2)


def wake_ups(pid):
    """How often each thread went to sleep by itself so far, which is how often it woke: {(number, name): times}."""
    counts = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            told = (task / "status").read_text()
            name = re.search(r"^Name:\s+(.*)$", told, re.MULTILINE).group(1)
            times = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", told, re.MULTILINE).group(1))
            counts[int(task.name), name] = times
    return counts


def table(title, head, rows):
    """Prints rows of text, the first column to the left and the others to the right."""
    cells = [head, *rows]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        words = [str(row[0]).ljust(widths[0])] + [str(row[i]).rjust(widths[i]) for i in range(1, len(head))]
        print("  " + "  ".join(words).rstrip())
    sys.stdout.flush()


def ratio(a, b):
    return f"{a / b:.2f}" if b else "-"


def machine():
    """What a reader has to know about where it ran."""
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    model = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{os.cpu_count()} processors ({model.group(1) if model else os.uname().machine}), load {load}"


def need_programs(build, *names):
    for name in names:
        if not (pathlib.Path(build) / name).exists():
            raise Failed(f"{build}/{name} is not built: ninja -C {build} {pathlib.Path(name).name}")
    if not shutil.which("mosquitto_sub"):
        raise Failed("mosquitto-clients is not installed")


def save(path, figures):
    if path:
        pathlib.Path(path).write_text(json.dumps(figures, indent=1) + "\n")
