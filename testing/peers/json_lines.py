"""Answers JSON lines from standard input, or from the connections of a socket. All other output goes to standard
error."""

import json
import os
import socketserver
import sys
import threading
import traceback

_answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def settings():
    """The first line."""
    return json.loads(sys.stdin.readline())


def answer_all(answer):
    """Answers every further line with `answer(request)`, or with the exception that it raised, until the input ends."""
    for line in sys.stdin:
        _write(_answers, _answer(answer, line))


def serve(path, open_session):
    """Serves a socket until the input ends. The first line of a connection has the settings of a session:
    `open_session(settings)` returns what answers the further lines. Each connection has a thread of its own."""

    class Connection(socketserver.StreamRequestHandler):
        def handle(self):
            session = None
            for line in self.rfile:
                if session is None:
                    opened = {}
                    reply = _answer(lambda settings: opened.update(session=open_session(settings)), line)
                    session = opened.get("session")
                else:
                    reply = _answer(session, line)
                self.wfile.write((json.dumps(reply) + "\n").encode())

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    with Server(path, Connection) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _write(_answers, {"answer": "ready"})
        sys.stdin.read()
        server.shutdown()


def _answer(answer, line):
    try:
        return {"answer": answer(json.loads(line))}
    except Exception:
        return {"error": traceback.format_exc()}


def _write(output, reply):
    output.write(json.dumps(reply) + "\n")
    output.flush()
