"""A straightforward program that does what the bridge does at its simplest; see README.md beside it.

    peer.py --service HOST:PORT --ca FILE --broker-port P --state DIR       polls for ever
    peer.py --replies FOLDER --broker-port P --state DIR                    books and publishes one recorded poll of a
                                                                            fleet and prints what it took, as JSON
"""
import argparse
import datetime
import json
import math
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import paho.mqtt.client

ROOT = pathlib.Path(__file__).resolve().parents[3]
INVENTORY_EVERY_S = 180
USAGE_EVERY_S = 90
STATES_EVERY_S = 180
MINUTES_TO_SETTLE = 8


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Totals:
    """Energy of each channel since the first poll, in Wh: positive and negative."""

    def __init__(self, folder):
        self.database = sqlite3.connect(pathlib.Path(folder) / "totals.sqlite")
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS total (device TEXT, channel INTEGER, positive REAL, negative REAL, until INTEGER,"
            " PRIMARY KEY (device, channel)) WITHOUT ROWID")
        self.totals = {}
        for device, channel, positive, negative, until in self.database.execute("SELECT * FROM total"):
            self.totals[device, channel] = [positive, negative, until]

    def book(self, reply):
        """Adds the buckets that are new, and returns them: {device: (starts, {channel: values})}."""
        news = {}
        changed = []
        for usage in reply.device_usages:
            device = usage.manufacturer_device_id
            starts = list(usage.bucket_epoch_seconds)
            channels = {}
            for told in usage.channel_usages:
                total = self.totals.setdefault((device, told.channel), [0.0, 0.0, 0])
                values = []
                for start, value in zip(starts, told.usages):
                    if math.isnan(value) or start < total[2]:
                        values.append(None)
                        continue
                    total[0 if value >= 0 else 1] += abs(value)
                    total[2] = start + 60
                    values.append(round(value, 6))
                channels[told.channel] = values
                changed.append((device, told.channel, *total))
            if starts:
                news[device] = (starts, channels)
        with self.database:
            self.database.executemany("INSERT OR REPLACE INTO total VALUES (?,?,?,?,?)", changed)
        return news

    def kwh(self, device, channel):
        positive, negative, _ = self.totals.get((device, channel), (0.0, 0.0, 0))
        return round(positive / 1000, 6), round(negative / 1000, 6)


class Broker:
    def __init__(self, port):
        self.client = paho.mqtt.client.Client(client_id="peer", protocol=paho.mqtt.client.MQTTv5)
        self.connected = threading.Event()
        self.waiting = threading.Condition()
        self.unacknowledged = 0
        self.client.on_connect = lambda *_: self.connected.set()
        self.client.on_publish = self.acknowledged
        self.client.max_inflight_messages_set(20)
        self.client.max_queued_messages_set(0)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.connected.wait()
        self.known = {}

    def acknowledged(self, *_):
        with self.waiting:
            self.unacknowledged -= 1
            self.waiting.notify_all()

    def publish(self, topic, payload, retain):
        if retain:
            if self.known.get(topic) == payload:
                return
            self.known[topic] = payload
        with self.waiting:
            self.unacknowledged += 1
        self.client.publish(topic, payload, qos=1, retain=retain)

    def wait(self):
        with self.waiting:
            self.waiting.wait_for(lambda: self.unacknowledged == 0)


def state_of(device, totals, news):
    """As the bridge's: mains, legs, balance, circuits."""
    starts, channels = news if news else ([], {})

    def reading(channel, both):
        positive, negative = totals.kwh(device.manufacturer_device_id, channel)
        values = [value for value in channels.get(channel, []) if value is not None]
        shown = {"power_w": round(values[-1] * 60, 1) if values else None}
        if both:
            shown["import_kwh"], shown["export_kwh"] = positive, negative
        else:
            shown["energy_kwh"] = positive
        return shown

    state = {"as_of": iso(starts[-1] + 60) if starts else None, "connected": device.device_connected}
    if device.model in (1, 6, 7):
        legs = {str(channel): reading(channel, True) for channel in (1, 2, 3) if channel in channels}
        state["mains"] = {key: round(sum(leg[key] or 0 for leg in legs.values()), 6)
                          for key in ("power_w", "import_kwh", "export_kwh")}
        state["legs"] = legs
        state["circuits"] = {
            str(circuit.channel_number): {
                "name": circuit.name or f"Circuit {circuit.channel_number - 3}", **reading(circuit.channel_number, False)}
            for circuit in device.circuit_infos if circuit.channel_number > 3}
        state["balance"] = {"power_w": round((state["mains"]["power_w"] or 0) - sum(
            circuit["power_w"] or 0 for circuit in state["circuits"].values()), 1)}
    else:
        state.update(reading(1, True))
    return state


def discovery_of(device):
    identifier = device.manufacturer_device_id
    topic = f"peer/{identifier}/state"
    components = {}
    for circuit in device.circuit_infos:
        number = circuit.channel_number
        path = f"circuits['{number}']" if number > 3 else f"legs['{number}']"
        key = "energy_kwh" if number > 3 else "import_kwh"
        for metric, unit, kind in ((key, "kWh", "total_increasing"), ("power_w", "W", "measurement")):
            components[f"sensor_{number}_{metric}"] = {
                "platform": "sensor", "unique_id": f"peer_{identifier}_{number}_{metric}",
                "name": f"{circuit.name or number} {metric}", "state_topic": topic,
                "value_template": f"{{{{ value_json.{path}.{metric} }}}}", "unit_of_measurement": unit,
                "state_class": kind}
    return {"device": {"identifiers": [identifier], "name": device.device_name}, "origin": {"name": "peer"},
            "components": components, "availability": [{"topic": f"peer/{identifier}/availability"}]}


def say_devices(broker, devices):
    for device in devices.values():
        name = device.manufacturer_device_id
        broker.publish(f"homeassistant/device/peer_{name}/config", json.dumps(discovery_of(device)), True)
        broker.publish(f"peer/{name}/availability", "online" if device.device_connected else "offline", True)


def say_usage(broker, devices, totals, news):
    for name, told in news.items():
        starts, channels = told
        broker.publish(f"peer/{name}/usage", json.dumps(
            {"scale": "minutes", "revised": False, "starts": [iso(start) for start in starts],
             "energy_wh": {str(channel): values for channel, values in channels.items()}}), False)
        broker.publish(f"peer/{name}/state", json.dumps(state_of(devices[name], totals, told)), True)


class Service:
    def __init__(self, messages, address, ca):
        import grpc
        import partner_api2_pb2_grpc

        self.messages = messages
        credentials = grpc.ssl_channel_credentials(pathlib.Path(ca).read_bytes())
        self.stub = partner_api2_pb2_grpc.PartnerApiStub(
            grpc.secure_channel(address, credentials, [("grpc.max_receive_message_length", 64 * 1024 * 1024)]))
        self.sign_in()

    def sign_in(self):
        self.token = self.stub.Authenticate(self.messages.AuthenticationRequest(
            partner_email="partner@example.com", password="simulated"), timeout=30).auth_token
        self.signed_in = time.monotonic()

    def call(self, method, **fields):
        if time.monotonic() - self.signed_in > 3000:
            self.sign_in()
        request = {"GetDevices": self.messages.DeviceInventoryRequest, "GetUsageData": self.messages.DeviceUsageRequest}
        message = request.get(method, self.messages.ListDevicesRequest)(auth_token=self.token, **fields)
        return getattr(self.stub, method)(message, timeout=60)


def poll_for_ever(given, messages):
    service = Service(messages, given.service, given.ca)
    broker = Broker(given.broker_port)
    totals = Totals(given.state)
    devices = {}
    due = {"inventory": 0.0, "usage": 0.0, "states": 0.0}
    until = int(time.time()) // 60 * 60 - 60 * (MINUTES_TO_SETTLE + 5)
    while True:
        now = time.monotonic()
        if now >= due["inventory"]:
            due["inventory"] = now + INVENTORY_EVERY_S
            devices = {one.manufacturer_device_id: one for one in service.call("GetDevices").devices}
            say_devices(broker, devices)
        if now >= due["usage"]:
            due["usage"] = now + USAGE_EVERY_S
            end = int(time.time()) // 60 * 60 - 60 * MINUTES_TO_SETTLE
            if end > until:
                reply = service.call("GetUsageData", start_epoch_seconds=until, end_epoch_seconds=end, scale=0, channels=1,
                                     manufacturer_device_ids=list(devices))
                say_usage(broker, devices, totals, totals.book(reply))
                until = end
        if now >= due["states"]:
            due["states"] = now + STATES_EVERY_S
            for model, method in ((3, "ListOutlets"), (4, "ListEVChargers"), (5, "ListBatteries")):
                names = [name for name, device in devices.items() if device.model == model]
                if names:
                    broker.publish(f"peer/{method}", str(service.call(method, manufacturer_device_ids=names)), True)
        broker.wait()
        print("published", flush=True)
        time.sleep(max(0.0, min(due.values()) - time.monotonic()))


def recorded(path):
    """Messages of a file: each is its length in four bytes, little-endian, and then itself."""
    data = pathlib.Path(path).read_bytes()
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "little")
        yield data[at + 4:at + 4 + length]
        at += 4 + length


def resident_mb():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def play(given, messages):
    """The poll before the measured one fills totals and topics; then what came of the measured one is worked off."""
    folder = pathlib.Path(given.replies)
    inventory = messages.DeviceInventoryResponse.FromString(next(recorded(folder / "inventory.bin")))
    devices = {one.manufacturer_device_id: one for one in inventory.devices}
    broker = Broker(given.broker_port)
    totals = Totals(given.state)
    say_devices(broker, devices)
    broker.wait()

    def work_off(replies):
        for data in replies:
            reply = messages.DeviceUsageResponse.FromString(data)
            say_usage(broker, devices, totals, totals.book(reply))
        broker.wait()

    work_off(recorded(folder / "before.bin"))
    replies = list(recorded(folder / "poll.bin"))
    idle_mb = resident_mb()
    began, cpu = time.monotonic(), time.process_time()
    work_off(replies)
    print(json.dumps({"time_s": time.monotonic() - began, "cpu_s": time.process_time() - cpu,
                      "idle_mb": idle_mb, "after_mb": resident_mb()}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service")
    parser.add_argument("--ca")
    parser.add_argument("--replies")
    parser.add_argument("--broker-port", type=int, required=True)
    parser.add_argument("--state", required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["protoc", f"--proto_path={ROOT}/protos", f"--python_out={folder}", f"--grpc_out={folder}",
             "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin", "partner_api2.proto"], check=True)
        sys.path.insert(0, folder)
        import partner_api2_pb2 as messages

        if given.replies:
            play(given, messages)
        else:
            poll_for_ever(given, messages)


if __name__ == "__main__":
    main()
