"""One quick run, series and set of arms for all tests."""

import os
from pathlib import Path

import matplotlib
import pytest

import invado

matplotlib.use("Agg")
REPOSITORY = Path(__file__).parents[2]
os.environ.setdefault("INVADO", str(REPOSITORY / "target/debug/invado"))

SCENARIO = """
title = "small"
question = "?"
seed = 3
[domain]
size = ["0.2 mm", "150 um"]
voxel = "10 um"
[time]
duration = "1 h"
report = "12 min"
[fields.drug]
[fields.fak]
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 20 } }
[dose]
bath = "30 nM"
[observe]
tracks = { every = "6 min", cells = 5 }
motility = { every = "6 min" }
"""

ARMS = """
[[arm]]
name = "b low"
set = { "dose.bath" = "1 nM" }
[[arm]]
name = "a high"
set = { "dose.bath" = "900 nM" }
"""

SERIES = {"replicates": 2, "dose": {"series": ["0 nM", "3 nM", "10 nM", "30 nM", "100 nM"], "times": ["12 min", "1 h"]}}


@pytest.fixture(scope="session")
def scenario(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def one(scenario, tmp_path_factory):
    return invado.run(
        scenario, tmp_path_factory.mktemp("one") / "out", cells="30 min", fields="30 min", images="1 h", engine="cpu"
    )


@pytest.fixture(scope="session")
def series(scenario):
    # Without `out`, in a folder of its own.
    return invado.run(scenario, set=SERIES, engine="cpu")


@pytest.fixture(scope="session")
def arms(scenario, tmp_path_factory):
    path = tmp_path_factory.mktemp("arms") / "arms.toml"
    path.write_text(SCENARIO + ARMS, encoding="utf-8")
    return invado.run(path, path.parent / "out", until="12 min", engine="cpu")
