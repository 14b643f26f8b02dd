"""Starting the program."""

import json
import numbers
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .errors import InvadoError
from .folder import Run, open


def run(
    scenario,
    out=None,
    *,
    set: Mapping | None = None,
    until: str | None = None,
    report: str | None = None,
    seed: int | None = None,
    cells: str | None = None,
    fields: str | None = None,
    images: str | None = None,
    checkpoint: str | None = None,
    engine: str = "auto",
    force: bool = False,
    binary=None,
) -> Run:
    """Runs a scenario to its end and reads its folder.

    scenario: path of a scenario file, or the name of a built-in one.
    out: folder of the results; without it a new one under the system's folder for temporary files, which stays until
        somebody deletes it (`run.path`).
    set: keys to override, e.g. {"dose.bath": "100 nM", "cells.0.speed": "20 um/h"}; values may be lists and dicts.
    until, report, cells, fields, images, checkpoint: times with unit, e.g. "6 h", as the options of `invado run`.
    seed: instead of the scenario's.
    engine: "auto", "gpu" or "cpu".
    force: replace the run that is in `out`.
    binary: the program; without it the environment variable INVADO, then `invado` on PATH.

    Raises InvadoError: the program is not found; the scenario or an option is wrong (code 2); the run failed (code 1).
    """
    program = _program(binary)
    if out is None:
        out = Path(tempfile.mkdtemp(prefix="invado-"))
    out = Path(out)
    arguments = [program, "run", os.fspath(scenario), "--out", os.fspath(out), "--quiet", "--engine", engine]
    options = {
        "--until": until,
        "--report": report,
        "--seed": seed,
        "--cells": cells,
        "--fields": fields,
        "--images": images,
        "--checkpoint": checkpoint,
    }
    for option, value in options.items():
        if value is not None:
            arguments += [option, str(value)]
    for key, value in (set or {}).items():
        arguments += ["--set", f"{key}={_toml(value)}"]
    if force:
        arguments.append("--force")
    _call(arguments, out)
    return open(out)


def _program(binary) -> str:
    """The program's path, or an error that says what to do."""
    asked = binary if binary is not None else os.environ.get("INVADO")
    found = shutil.which(os.fspath(asked)) if asked else shutil.which("invado")
    if found:
        return found
    missing = f"'{os.fspath(asked)}' is not a program that can be run" if asked else "there is no 'invado' on PATH"
    raise InvadoError(
        f"{missing}. Build it in its repository with `cargo build --release` and give binary='target/release/invado', "
        "set the environment variable INVADO to it, or put it on PATH."
    )


def _call(arguments: list[str], out: Path) -> None:
    process = subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    )
    try:
        _, said = process.communicate()
    except KeyboardInterrupt:
        # As Ctrl-C in a terminal: the program ends after the step and leaves what it finished.
        process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        process.communicate()
        raise
    if process.returncode != 0:
        message = said.strip().removeprefix("error: ") or f"invado ended with code {process.returncode}"
        raise InvadoError(message, process.returncode, out)


def _toml(value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, str):
        # TOML's basic strings take what JSON's do.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_toml(str(key))} = {_toml(each)}" for key, each in value.items())
        return "{ " + inside + " }" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    raise InvadoError(
        f"set: {value!r} is a {type(value).__name__}; give a text with its unit, a number, a truth value, a list or a dict"
    )
