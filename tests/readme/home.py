"""A broker, the simulated service and the bridge, in a folder where README's commands run as they stand.

    with Home(build, source) as home:
        home.command("build/bridge/emporia2mqtt doctor -c my.toml")

build/ in that folder leads to the finished build. Everything listens on free ports of this machine alone. Whoever gives a
command here changes no more of it than what differs from machine to machine: ports, days, and where the program and its
configuration lie.
"""
import contextlib
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile

import chroot
from report import expect, expect_equal, until

LIMIT_S = 60
LAMP = "B2136B0204240AC4E1F2A3"


class NotHere(Exception):
    """This machine lacks what the command wants."""


def free_port():
    """Below those that the system gives out, so that nobody is given it meanwhile."""
    while True:
        port = random.randrange(20000, 30000)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Home:
    def __init__(self, build, source):
        self.build = build
        self.source = source
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="readme."))
        self._children = []
        self._debian = contextlib.ExitStack()
        self._root = None
        self._cached = {}
        self.port = free_port()
        self.web_port = free_port()

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in reversed(self._children):
            child.terminate()
        for child in self._children:
            child.wait(LIMIT_S)
        self._debian.close()
        shutil.rmtree(self.folder)

    def _start(self):
        (self.folder / "build").symlink_to(self.build)
        (self.folder / "bin").mkdir()
        (self.folder / "bin/emporia2mqtt").symlink_to(self.build / "bridge/emporia2mqtt")
        # As root already, sudo has nothing to do.
        (self.folder / "bin/sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (self.folder / "bin/sudo").chmod(0o755)
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        )
        self.background(["/usr/sbin/mosquitto", "-c", self.folder / "mosquitto.conf"], "broker", "running")
        homes = self.source / "tests/simulator/homes"
        service = [self.build / "tests/simulator/partner-simulator", "--home", homes / "typical.toml", "--quota", "0"]
        self.background([*service, "--certificate-dir", self.folder / "certificates"], "service", "listening port=")
        endpoint = re.search(r"^listening port=(\d+)", self.log("service"), re.MULTILINE)[1]
        (self.folder / "password").write_text("simulated\n")
        (self.folder / "password").chmod(0o600)
        (self.folder / "my.toml").write_text(
            '[partner]\nemail = "partner@example.com"\npassword_file = "password"\n'
            f'endpoint = "127.0.0.1:{endpoint}"\nca_file = "certificates/ca.pem"\n'
            f'[mqtt]\nhost = "127.0.0.1"\nport = {self.port}\n[state]\ndirectory = "state"\n'
            f'[budget]\ncalls_per_hour = 1000\n[http]\nenabled = true\nlisten = "127.0.0.1:{self.web_port}"\n'
        )
        self.background(self.shell("exec build/bridge/emporia2mqtt run -c my.toml"), "bridge", None, **self._where())
        self.command("build/bridge/emporia2mqtt watch --once -c my.toml")

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def background(self, argv, name, words, **where):
        # Ctrl-C as at a terminal: who starts this script in the background has it ignored, and a shell cannot change that.
        where["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        with (self.folder / f"{name}.log").open("w") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **where)
        self._children.append(child)
        if words:
            until(lambda: words in self.log(name) or child.poll() is not None, name)
            expect(child.poll() is None, f"{name} has ended: {self.log(name)}")
        return child

    @staticmethod
    def shell(command):
        return ["bash", "-euo", "pipefail", "-c", command]

    def _where(self):
        return {"cwd": self.folder, "env": {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}}

    def run(self, command, folder=None, statuses=(0,), limit_s=LIMIT_S):
        where = {**self._where(), **({"cwd": folder} if folder else {})}
        done = subprocess.run(
            self.shell(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
            **where,
        )
        said = (done.stdout + done.stderr)[-1500:]
        expect(done.returncode in statuses, f"{command} ended with {done.returncode}: {said}")
        return done.stdout

    # The steps that the table names.

    def command(self, command):
        """As it stands; it ends with 0 and says something."""
        told = self.run(command)
        expect(told.strip(), f"{command} says nothing")
        return told

    def installed(self, command):
        """Of the installed program, whose configuration is in its usual place."""
        if " set " in command:
            return self.command(f"{command} -c my.toml")
        told = self.run(f"{command} -c my.toml")
        if " -o " in command:
            told = (self.folder / command.rpartition(" ")[2]).read_text()
        if "json" in command:
            expect(json.loads(told), f"{command} tells nothing: {told}")
        else:
            expect(len(told.splitlines()) > 5, f"{command} tells little: {told[:1500]}")

    def bridge_is_up(self, _):
        """It was started by this very command, and what it publishes was seen."""
        told = subprocess.run(
            ["mosquitto_sub", "-p", str(self.port), "-t", "emporia/bridge/state", "-C", "1", "-W", "20"],
            capture_output=True,
            text=True,
            check=True,
        )
        expect_equal(told.stdout.strip(), "online", "the bridge's state")

    def watch(self, command):
        """Live, until ctrl-C."""
        child = self.background(self.shell(f"exec {command}"), "watch", "emporia2mqtt  bridge online", **self._where())
        child.send_signal(signal.SIGINT)
        expect(child.wait(LIMIT_S) in (0, 130), f"{command} ended with {child.returncode}")

    def verify(self, command):
        """So soon after the start there is little or nothing to compare: 75."""
        self.run(command, statuses=(0, 75))

    def at_the_broker(self, command):
        yesterday = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
        command = command.replace("PORT", str(self.port)).replace("2026-11-22", yesterday.isoformat())
        if command.startswith("mosquitto_rr"):
            told = json.loads(self.run(f"{command} -W 30"))
            expect_equal(told["status"], "ok", f"the response {told}")
            return
        result = ["mosquitto_sub", "-p", str(self.port), "-t", f"emporia/{LAMP}/result", "-W", str(LIMIT_S), "-d"]
        child = self.background(["stdbuf", "-oL", *result], "result", "Subscribed")
        self.run(command)
        until(
            lambda: re.search('"status": ?"(confirmed|unchanged)"', self.log("result")),
            f"a result; {self.log('result')}",
        )
        child.terminate()

    def health(self, command):
        if not shutil.which("curl"):
            raise NotHere("there is no curl")
        command = command.replace("9877", str(self.web_port))
        until(lambda: "problems" in self.run(command, statuses=(0, 22)), f"{command} answers 200")

    def completion(self, command):
        told = self.run(f"{command}; complete -p emporia2mqtt", folder=self.source)
        expect("emporia2mqtt" in told, "nothing is completed")

    def manual_page(self, command):
        if not shutil.which("man"):
            raise NotHere("there is no man")
        expect("EMPORIA2MQTT" in self.run(f"{command} | cat", folder=self.source).upper(), "it shows no page")

    def demo(self, command):
        self._demo(command, self.source, {"E2M_BUILD_DIR": str(self.build)})

    def demo_once(self, command):
        told = self.run(f"E2M_BUILD_DIR={self.build} {command}", folder=self.source, limit_s=180)
        expect("emporia2mqtt  bridge online" in told and "Floor lamp" in told, f"no picture: {told[-1500:]}")

    def demo_in_a_clone(self, command):
        """With what this machine's ccache knows of this source, which the compiler's name is part of."""
        clone = self.clone()
        self._demo(command, clone, {"CCACHE_BASEDIR": str(clone), "CCACHE_NOHASHDIR": "1", "CXX": "g++"})

    def _demo(self, command, folder, environment):
        child = self.background(
            self.shell(f"exec {command}"), "demo", None, cwd=folder, env={**os.environ, **environment}
        )
        picture = "emporia2mqtt  bridge online"
        until(lambda: picture in self.log("demo") or child.poll() is not None, f"a picture; {self.log('demo')}", 3600)
        child.send_signal(signal.SIGINT)
        expect_equal(child.wait(LIMIT_S), 0, f"{command} ended; {self.log('demo')[-1500:]}")

    def clone(self):
        """What is committed, and nothing else."""
        to = self.folder / "clone"
        if not to.exists():
            subprocess.run(["git", "clone", "-q", self.source, to], check=True, stdin=subprocess.DEVNULL)
        return to

    def container_folder(self, command):
        self.run(command, folder=self.source)

    def container_password(self, command):
        if os.geteuid() != 0:
            raise NotHere("only root can give a file to another user")
        secret = self.folder / "partner-password"
        secret.write_text("simulated\n")
        self.run(command)
        told = secret.stat()
        expect_equal((told.st_uid, stat.S_IMODE(told.st_mode)), (10052, 0o400), "owner and mode")

    def packages_are_the_same(self, command):
        """Those that deploy/debian/build installs, except what only tests want, and what makes /etc/hosts."""
        listed = self.run(
            '. deploy/lib/packages.sh; printf "%s\\n" "${E2M_BUILD_PACKAGES[@]}"', folder=self.source
        ).split()
        told = [word for word in command.split() if not word.startswith("-")][3:]
        expect_equal(sorted(told), sorted(set(listed) - {"doctest-dev", "netbase"}), "the packages")

    def from_source(self, command):
        """In a minimal Debian 12 that has what is committed, and nothing but what README has it install; with what this
        machine's ccache knows."""
        if not self._root:
            chroot.need_root()
            self._root = self._debian.enter_context(chroot.Roots(self.build / "chroot").fresh("readme"))
            self._root.write("usr/local/bin/sudo", '#!/bin/sh\nexec "$@"\n', 0o755)
            self._root.run(["apt-get", "update"])
            shutil.copytree(self.clone(), self._root.file("source"))
        command = command.replace("apt-get install", "apt-get install -y")
        self._root.run(["bash", "-euc", command], folder="/source", environment=self._cached)
        if "apt-get" in command:
            self._cached = self._root.share_compiler_cache("/source")
        if command.startswith("ninja"):
            self._root.run(["build/bridge/emporia2mqtt", "--help"], folder="/source")
