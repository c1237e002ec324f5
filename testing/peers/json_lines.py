"""Answers JSON lines from standard input on standard output. All other output goes to standard error."""

import json
import os
import sys
import traceback

_answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def settings():
    """The first line."""
    return json.loads(sys.stdin.readline())


def answer_all(answer):
    """Answers every further line with `answer(request)`, or with the exception that it raised, until the input ends."""
    for line in sys.stdin:
        try:
            said = {"answer": answer(json.loads(line))}
        except Exception:
            said = {"error": traceback.format_exc()}
        _answers.write(json.dumps(said) + "\n")
        _answers.flush()
