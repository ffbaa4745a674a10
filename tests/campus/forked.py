"""Runs many command lines of `campus`, each in a fork of one process: importing it all takes a second.

Reads a JSON list of {"args", "env", "cwd"}; writes a list of {"code", "stdout", "stderr"}. A program that is
still at work after so many seconds has taken its settings; its code is then null.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

_USED = (
    "campus.commands.doctor",
    "campus.program",
    "dashboards.board",
    "dashboards.grafana.building",
    "dashboards.grafana.pushing",
    "edge_agent.main",
    "firmware_sim",
    "ingest.main",
    "rules.watch.watching",
    "store.influx",
    "store.sqlite",
)


def main(patience_s: float) -> None:
    for module in _USED:
        importlib.import_module(module)
    cases = json.load(sys.stdin)
    json.dump([_outcome(case, patience_s) for case in cases], sys.stdout)


def _outcome(case: dict[str, Any], patience_s: float) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _run(case, out.fileno(), err.fileno(), patience_s)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        working = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        return {
            "code": None if working else os.waitstatus_to_exitcode(status),
            "stdout": out.read().decode(errors="replace"),
            "stderr": err.read().decode(errors="replace"),
        }


def _run(case: dict[str, Any], out: int, err: int, patience_s: float) -> None:
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.environ.update(case.get("env", {}))
    os.chdir(case.get("cwd", Path()))
    signal.setitimer(signal.ITIMER_REAL, patience_s)
    sys.argv = ["campus", *case["args"]]
    code: Any = 1
    try:
        from campus.main import run

        run()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(float(sys.argv[1]))
