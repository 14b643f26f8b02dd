"""Running the program and its errors."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import invado
from invado.program import _toml


def test_options_reach_the_program(scenario, tmp_path):
    run = invado.run(
        scenario,
        tmp_path / "out",
        set={"dose.bath": "1 uM", "cells.0.speed": "20 um/h", "title": 'a "b" µ'},
        until="12 min",
        report="6 min",
        seed=np.int64(11),
        engine="cpu",
    )
    assert run.json["seed"] == 11 and run.json["status"] == "finished"
    assert list(run.observables.index) == pytest.approx([0, 0.1, 0.2])
    assert run.observables["bath_nm"].iloc[-1] == 1000
    assert 'title = "a \\"b\\" µ"' in run.json["scenario_toml"]
    assert run.json["state_hash"] in json.dumps(run.json)
    with pytest.raises(invado.InvadoError, match="exists and is not empty.*--force") as error:
        invado.run(scenario, tmp_path / "out")
    assert error.value.code == 2
    again = invado.run(scenario, tmp_path / "out", until="6 min", force=True, engine="cpu")
    assert len(again.observables) == 2


def test_a_folder_of_its_own(series):
    assert series.path.is_dir() and series.path.name.startswith("invado-")


def test_the_message_of_a_wrong_scenario_is_the_error(scenario, tmp_path):
    with pytest.raises(invado.InvadoError) as error:
        invado.run(scenario, tmp_path / "out", set={"dose.bth": "1 nM"})
    assert error.value.code == 2
    assert "bth" in str(error.value) and "Did you mean 'bath'?" in str(error.value)
    assert not str(error.value).startswith("error:")
    with pytest.raises(invado.InvadoError, match="Did you mean 'scratch'"):
        invado.run("scrach", tmp_path / "out")


def test_a_run_that_fails_says_where_its_folder_is(scenario, tmp_path):
    # The population grows beyond its limit.
    keys = {"most_cells": 20, "cells.0.division": "1 /h"}
    with pytest.raises(invado.InvadoError, match="most_cells") as error:
        invado.run(scenario, tmp_path / "out", set=keys, engine="cpu")
    assert error.value.code == 1
    left = invado.open(error.value.path)
    assert left.json["status"] == "failed" and len(left.observables) > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal for one process")
def test_an_interrupt_leaves_what_was_finished(scenario, tmp_path):
    out = tmp_path / "out"
    script = (
        "import invado, sys\n"
        "invado.run(sys.argv[1], sys.argv[2], set={'time.duration': '900 h'}, engine='cpu')"
    )
    process = subprocess.Popen([sys.executable, "-c", script, scenario, out], stderr=subprocess.PIPE, text=True)
    patience = time.monotonic() + 30
    while not (out / "observables.csv").exists() and time.monotonic() < patience:
        time.sleep(0.05)
    # To the interpreter alone, as a notebook does.
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    left = invado.open(out)
    assert left.json["status"] == "interrupted" and len(left.observables) > 0


def test_a_program_that_is_not_there(scenario, monkeypatch, tmp_path):
    with pytest.raises(invado.InvadoError, match="'no/such/invado' is not a program.*cargo build"):
        invado.run(scenario, binary="no/such/invado")
    monkeypatch.setenv("INVADO", str(tmp_path / "neither"))
    with pytest.raises(invado.InvadoError, match="neither' is not a program"):
        invado.run(scenario)
    monkeypatch.delenv("INVADO")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(invado.InvadoError, match="no 'invado' on PATH"):
        invado.run(scenario)
    assert shutil.which("invado") is None


def test_values_become_toml():
    value = {"a": ["1 nM", 2, 2.5, True], "b c": {}, "d": np.float32(0.5)}
    assert _toml(value) == '{ "a" = ["1 nM", 2, 2.5, true], "b c" = {}, "d" = 0.5 }'
    assert _toml('"\\\n') == '"\\"\\\\\\n"'
    with pytest.raises(invado.InvadoError, match="None is a NoneType"):
        _toml({"a": None})
