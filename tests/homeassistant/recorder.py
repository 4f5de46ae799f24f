#!/usr/bin/python3 -B
"""A stand-in for the part of Home Assistant that keeps long-term statistics: its WebSocket API, and the Supervisor's way
to it, with the rules that its documentation and code have. It listens on 127.0.0.1, over TLS when told to, with the
library that Home Assistant itself listens with, and so with its limit of 4 MiB a message.

It prints "listening port=N control=M". What was written survives in the database; what is queued does not, as with the
real one. GET /stand-in/... is for tests, see `stand_in` below; the second port is without TLS.
"""
import argparse
import asyncio
import json
import re
import sqlite3
import ssl
import sys
from datetime import datetime

from aiohttp import WSMsgType, web

LARGEST_MESSAGE = 4 * 1024 * 1024
SIGN_IN_WITHIN_S = 10
STATISTIC_ID = re.compile(r"^(?!.+__)(?!_)[\da-z_]+(?<!_):(?!_)[\da-z_]+(?<!_)$")
UNITS = {"Wh": "energy", "kWh": "energy", "MWh": "energy", "W": "power", "kW": "power"}
ADMIN_ONLY = {"recorder/import_statistics", "recorder/clear_statistics"}
NUMBERS = ("state", "sum", "mean", "min", "max")


class Refused(Exception):
    """An error as it goes over the wire."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def wrong_format(text):
    return Refused("invalid_format", text)


def check_keys(value, required, optional, where):
    """A closed schema: these keys with these types and no others."""
    if not isinstance(value, dict):
        raise wrong_format(f"expected a dictionary for dictionary value @ data{where}")
    for key in value:
        if key not in required and key not in optional:
            raise wrong_format(f"extra keys not allowed @ data{where}['{key}']. Got {value[key]!r}")
    for key, kinds in required.items():
        if key not in value:
            raise wrong_format(f"required key not provided @ data{where}['{key}']. Got None")
        check_kind(value[key], kinds, f"{where}['{key}']")
    for key, kinds in optional.items():
        if key in value:
            check_kind(value[key], kinds, f"{where}['{key}']")


def check_kind(value, kinds, where):
    # In Python a truth value is a number; here it is not.
    if isinstance(value, bool) and bool not in kinds or not isinstance(value, kinds):
        raise wrong_format(f"expected {' or '.join(kind.__name__ for kind in kinds)} @ data{where}. Got {value!r}")


TEXT = (str,)
TEXT_OR_NONE = (str, type(None))
NUMBER = (int, float)


def moment(text, complaint):
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise wrong_format(f"{complaint}: {text!r}") from None


class Recorder:
    """What is kept, and the queue before it."""

    def __init__(self, path, version, write_after_s):
        self.version = version
        year, month = (int(part) for part in version.split(".")[:2])
        self.old_form = (year, month) < (2025, 11)
        self.write_after_s = write_after_s
        self.held = False
        self.queue = []
        self.counts = {}
        self.largest_answer_bytes = 0
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(
            """CREATE TABLE IF NOT EXISTS meta (id TEXT PRIMARY KEY, name TEXT, source TEXT, unit TEXT, has_sum INTEGER);
               CREATE TABLE IF NOT EXISTS hour (id TEXT, start INTEGER, state REAL, sum REAL, mean REAL, min REAL, max REAL,
                 PRIMARY KEY (id, start)) WITHOUT ROWID;"""
        )

    def count(self, what, by=1):
        self.counts[what] = self.counts.get(what, 0) + by

    async def write_queue(self):
        while True:
            await asyncio.sleep(self.write_after_s)
            if self.held:
                continue
            jobs, self.queue = self.queue, []
            for job in jobs:
                job()

    def carry_out(self, command):
        kind = command["type"]
        self.count(kind)
        handlers = {
            "recorder/import_statistics": self.import_statistics,
            "recorder/statistics_during_period": self.statistics_during_period,
            "recorder/get_statistics_metadata": self.get_statistics_metadata,
            "recorder/list_statistic_ids": self.list_statistic_ids,
            "recorder/clear_statistics": self.clear_statistics,
        }
        if kind not in handlers:
            raise Refused("unknown_command", "Unknown command.")
        return handlers[kind](command)

    def check_metadata(self, metadata):
        required = {
            "has_sum": (bool,),
            "name": TEXT_OR_NONE,
            "source": TEXT,
            "statistic_id": TEXT,
            "unit_of_measurement": TEXT_OR_NONE,
        }
        if self.old_form:
            required["has_mean"] = (bool,)
        else:
            required.update({"mean_type": (int,), "unit_class": TEXT_OR_NONE})
        check_keys(metadata, required, {}, "['metadata']")
        if not STATISTIC_ID.match(metadata["statistic_id"]):
            raise Refused("home_assistant_error", "Invalid statistic_id")
        if metadata["source"] != metadata["statistic_id"].split(":")[0]:
            raise Refused("home_assistant_error", "Invalid source")
        unit = metadata["unit_of_measurement"]
        if not self.old_form:
            if metadata["mean_type"] not in (0, 1, 2):
                raise wrong_format(f"not a valid mean type: {metadata['mean_type']}")
            if UNITS.get(unit) != metadata["unit_class"]:
                raise Refused("home_assistant_error", f"Unsupported unit {unit} for class {metadata['unit_class']}")

    def import_statistics(self, command):
        check_keys(command, {"id": (int,), "type": TEXT, "metadata": (dict,), "stats": (list,)}, {}, "")
        metadata = command["metadata"]
        self.check_metadata(metadata)
        rows = []
        for i, row in enumerate(command["stats"]):
            optional = {key: NUMBER for key in NUMBERS}
            check_keys(row, {"start": TEXT}, {**optional, "last_reset": TEXT_OR_NONE}, f"['stats'][{i}]")
            start = moment(row["start"], "Invalid datetime")
            if start.tzinfo is None:
                raise Refused("home_assistant_error", "Naive timestamp: no or invalid timezone info provided")
            if start.minute or start.second or start.microsecond:
                raise Refused(
                    "home_assistant_error",
                    "Invalid timestamp: timestamps must be from the top of the hour (minutes and seconds = 0)",
                )
            rows.append((metadata["statistic_id"], int(start.timestamp()), *(row.get(key) for key in NUMBERS)))
        self.count("rows", len(rows))

        def write():
            self.database.execute("BEGIN")
            self.database.execute(
                "INSERT OR REPLACE INTO meta VALUES (?,?,?,?,?)",
                (
                    metadata["statistic_id"],
                    metadata["name"],
                    metadata["source"],
                    metadata["unit_of_measurement"],
                    metadata["has_sum"],
                ),
            )
            self.database.executemany("INSERT OR REPLACE INTO hour VALUES (?,?,?,?,?,?,?)", rows)
            self.database.execute("COMMIT")

        # Queued is not written.
        self.queue.append(write)

    def statistics_during_period(self, command):
        check_keys(
            command,
            {"id": (int,), "type": TEXT, "start_time": TEXT, "statistic_ids": (list,), "period": TEXT},
            {"end_time": TEXT, "units": (dict,), "types": (list,)},
            "",
        )
        if not command["statistic_ids"]:
            raise wrong_format("length of value must be at least 1 for dictionary value @ data['statistic_ids']")
        if command["period"] != "hour":
            raise Refused("not_supported", "this stand-in has hours alone")
        start = int(moment(command["start_time"], "Invalid start_time").timestamp())
        end = int(moment(command["end_time"], "Invalid end_time").timestamp()) if "end_time" in command else 1 << 60
        types = [key for key in NUMBERS if key in command.get("types", NUMBERS)]
        result = {}
        for statistic_id in command["statistic_ids"]:
            cursor = self.database.execute(
                "SELECT start, state, sum, mean, min, max FROM hour WHERE id = ? AND start >= ? AND start < ? ORDER BY start",
                (statistic_id, start, end),
            )
            rows = [
                {"start": row[0] * 1000, "end": (row[0] + 3600) * 1000, **{key: row[1 + NUMBERS.index(key)] for key in types}}
                for row in cursor
            ]
            if rows:
                result[statistic_id] = rows
        return result

    def metadata_of(self, ids):
        rows = self.database.execute("SELECT id, name, source, unit, has_sum FROM meta ORDER BY id")
        return [
            {
                "statistic_id": row[0],
                "name": row[1],
                "source": row[2],
                "statistics_unit_of_measurement": row[3],
                "display_unit_of_measurement": row[3],
                "has_sum": bool(row[4]),
                "has_mean": not row[4],
                "unit_class": UNITS.get(row[3]),
            }
            for row in rows
            if ids is None or row[0] in ids
        ]

    def get_statistics_metadata(self, command):
        check_keys(command, {"id": (int,), "type": TEXT}, {"statistic_ids": (list,)}, "")
        return self.metadata_of(command.get("statistic_ids"))

    def list_statistic_ids(self, command):
        check_keys(command, {"id": (int,), "type": TEXT}, {"statistic_type": TEXT}, "")
        return self.metadata_of(None)

    def clear_statistics(self, command):
        check_keys(command, {"id": (int,), "type": TEXT, "statistic_ids": (list,)}, {}, "")
        ids = [(statistic_id,) for statistic_id in command["statistic_ids"]]

        def write():
            self.database.executemany("DELETE FROM meta WHERE id = ?", ids)
            self.database.executemany("DELETE FROM hour WHERE id = ?", ids)

        self.queue.append(write)


class Server:
    def __init__(self, recorder, token, admin):
        self.recorder = recorder
        self.token = token
        self.admin = admin

    async def talk(self, request):
        """One connection, from the sign-in to its end."""
        recorder = self.recorder
        socket = web.WebSocketResponse(heartbeat=55)
        await socket.prepare(request)
        recorder.count("connections")
        proxied = request.path.startswith("/core/")
        await socket.send_json({"type": "auth_required", "ha_version": recorder.version})
        try:
            message = await socket.receive(timeout=SIGN_IN_WITHIN_S)
        except asyncio.TimeoutError:
            await socket.close()
            return socket
        if message.type != WSMsgType.TEXT or not self.signs_in(message.data):
            recorder.count("sign-ins refused")
            if not socket.closed:
                await socket.send_json({"type": "auth_invalid", "message": "Invalid access token or password"})
                await socket.close()
            return socket
        await socket.send_json({"type": "auth_ok", "ha_version": recorder.version})
        last_id = 0
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                break
            answer = self.answer(message.data, last_id)
            last_id = max(last_id, answer["id"] or 0)
            text = json.dumps(answer)
            recorder.largest_answer_bytes = max(recorder.largest_answer_bytes, len(text))
            if proxied and len(text) > LARGEST_MESSAGE:
                recorder.count("answers too large")
                await socket.close(code=1009)
                break
            await socket.send_str(text)
        if socket.close_code == 1009:
            recorder.count("messages too large")
        return socket

    def signs_in(self, text):
        try:
            message = json.loads(text)
            return message["type"] == "auth" and message["access_token"] == self.token
        except (ValueError, KeyError, TypeError):
            return False

    def answer(self, text, last_id):
        number = None
        try:
            command = json.loads(text)
            if not isinstance(command, dict) or not isinstance(command.get("type"), str):
                raise wrong_format("Message incorrectly formatted.")
            number = command.get("id")
            if not isinstance(number, int):
                raise wrong_format("Message incorrectly formatted.")
            if number <= last_id:
                raise Refused("id_reuse", "Identifier values have to increase.")
            if command["type"] in ADMIN_ONLY and not self.admin:
                raise Refused("unauthorized", "Unauthorized")
            return {"id": number, "type": "result", "success": True, "result": self.recorder.carry_out(command)}
        except ValueError:
            refused = wrong_format("Received invalid JSON")
        except Refused as error:
            refused = error
        self.recorder.count("refused")
        print(f"refused: {refused.code}: {refused}", file=sys.stderr, flush=True)
        error = {"code": refused.code, "message": str(refused)}
        return {"id": number, "type": "result", "success": False, "error": error}

    async def stand_in(self, request):
        """What tests ask: counts; rows?id=...; lose?from=...&until=... (seconds since 1970); hold?on=1|0, while which
        nothing that is queued is written."""
        recorder = self.recorder
        verb = request.match_info["verb"]
        if verb == "counts":
            return web.json_response({**recorder.counts, "largest_answer_bytes": recorder.largest_answer_bytes})
        if verb == "metadata":
            return web.json_response(recorder.metadata_of(None))
        if verb == "rows":
            cursor = recorder.database.execute(
                "SELECT start, state, sum, mean, min, max FROM hour WHERE id = ? ORDER BY start", (request.query["id"],)
            )
            return web.json_response([list(row) for row in cursor])
        if verb == "lose":
            recorder.database.execute(
                "DELETE FROM hour WHERE start >= ? AND start < ?",
                (int(request.query["from"]), int(request.query["until"])),
            )
            return web.json_response({})
        if verb == "hold":
            recorder.held = request.query["on"] == "1"
            return web.json_response({})
        raise web.HTTPNotFound()


async def serve(options):
    recorder = Recorder(options.database, options.version, options.write_after_ms / 1000)
    server = Server(recorder, options.token, not options.no_admin)
    app = web.Application()
    app.add_routes(
        [
            web.get("/api/websocket", server.talk),
            web.get("/core/websocket", server.talk),
            web.get("/stand-in/{verb}", server.stand_in),
        ]
    )
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", options.port, ssl_context=context)
    await site.start()
    control = web.TCPSite(runner, "127.0.0.1", 0)
    await control.start()
    port, control_port = (address[1] for address in runner.addresses)
    print(f"listening port={port} control={control_port}", flush=True)
    await recorder.write_queue()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--version", default="2026.4.1")
    parser.add_argument("--token", default="a-long-lived-token")
    parser.add_argument("--no-admin", action="store_true", help="the token is of a user who is no administrator")
    parser.add_argument("--database", default=":memory:")
    parser.add_argument("--write-after-ms", type=int, default=20, help="how long an import stays queued")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
