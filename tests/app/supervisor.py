#!/usr/bin/python3 -B
"""A stand-in for the part of Home Assistant's Supervisor that the app asks: GET /services/mqtt.

Answers as the Supervisor does: 403 without the app's token, 400 while no broker has registered, then the broker's data.
"""
import http.server
import json
import threading


class Supervisor:
    def __init__(self, token, port=80):
        self.token = token
        self.requests = 0
        # The broker's data; None while none has registered.
        self.broker = None
        # After how many requests the broker registers.
        self.registers_after = 0
        # Another answer, (status, text), in place of the right one.
        self.instead = None
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                status, text = server.answer(self.path, self.headers.get("Authorization"))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path, authorization):
        self.requests += 1
        if self.instead is not None:
            return self.instead
        if authorization != f"Bearer {self.token}":
            return 403, "403: Forbidden"
        if path != "/services/mqtt":
            return 404, json.dumps({"result": "error", "message": "Not found"})
        if self.broker is None or self.requests <= self.registers_after:
            return 400, json.dumps({"result": "error", "message": "Service not enabled"})
        return 200, json.dumps({"result": "ok", "data": self.broker})

    def close(self):
        self._server.shutdown()
        self._server.server_close()
