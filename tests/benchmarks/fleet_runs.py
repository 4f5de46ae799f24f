"""The programs of a fleet's poll, for the scripts that measure them."""
import json
import pathlib
import subprocess
import tempfile

import processes
from processes import World


def run_program(argv):
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise processes.Failed(f"{argv[0]}: {done.stderr[-2000:]}")
    return json.loads(done.stdout) if done.stdout else {}


class Fleet:
    """A fleet whose poll is recorded in a folder, and the programs that work it off; each with a broker of its own."""

    def __init__(self, build, folder, state, devices, outlets=0):
        self.build = pathlib.Path(build)
        self.programs = self.build / "tests/benchmarks"
        self.folder = folder
        self.state = state
        self.devices = devices
        self.outlets = outlets

    def _with_broker(self, act):
        """With a broker of its own, at which nothing stands, and a directory for a ledger."""
        with World(self.build) as world, tempfile.TemporaryDirectory(dir=self.state) as state:
            return act(world.broker_port, state)

    def record(self):
        self._with_broker(lambda port, state: run_program(
            [self.programs / "fleet_bridge", "record", self.folder, port, state, self.devices, self.outlets]))

    def bridge(self):
        return self._with_broker(lambda port, state: run_program(
            [self.programs / "fleet_bridge", "play", self.folder, port, state]))

    def floor(self, sums):
        """sums: those of "channels" in a row each, or those of "devices"."""
        return self._with_broker(lambda port, state: run_program(
            [self.programs / "fleet_floor", self.folder, port, state, sums]))

    def peer(self):
        return self._with_broker(lambda port, state: run_program(
            ["/usr/bin/python3", processes.ROOT / "tests/benchmarks/peer/peer.py", "--replies", self.folder,
             "--broker-port", port, "--state", state]))

    def commands(self, pause_us):
        return self._with_broker(lambda port, state: run_program(
            [self.programs / "fleet_bridge", "commands", self.folder, port, state, pause_us]))
