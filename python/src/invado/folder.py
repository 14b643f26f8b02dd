"""Reading what a run leaves."""

import json
from functools import cached_property
from pathlib import Path

import pandas as pd
import xarray as xr

from . import fields, plots
from .errors import InvadoError
from .units import unit


class Run:
    """A folder that `invado run` left: one run, a dose series, or arms. Files are read when they are asked for."""

    def __init__(self, path):
        self.path = Path(path)

    def __repr__(self) -> str:
        if self.arms:
            return f"Run({str(self.path)!r}, arms: {', '.join(self.arms)})"
        json = self.json
        return f"Run({str(self.path)!r}, {json['scenario']}, seed {json['seed']}, {json['time_h']:g} h, {json['status']})"

    @cached_property
    def json(self) -> dict:
        """The record, run.json: version, scenario, seed, engine, state hash, unverified parameters, fits."""
        path = self.path / "run.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if self.arms:
                raise InvadoError(f"'{self.path}' holds arms; take one of run.arms: {', '.join(self.arms)}") from None
            raise InvadoError(f"'{self.path}' holds no run: there is no run.json in it") from None
        except (json.JSONDecodeError, UnicodeDecodeError) as why:
            raise InvadoError(f"'{path}' is damaged: {why}") from why

    @cached_property
    def arms(self) -> dict[str, "Run"]:
        """The arms by name, in the order of the scenario; empty where there are none."""
        if (self.path / "run.json").exists():
            return {}
        folders = {entry.parent.name: entry.parent for entry in sorted(self.path.glob("*/run.json"))}
        listed = [str(name) for name in self.arms_table["arm"]] if (self.path / "arms.csv").exists() else []
        names = [name for name in listed if name in folders]
        names += [name for name in folders if name not in names]
        return {name: Run(folders[name]) for name in names}

    @property
    def arms_table(self) -> pd.DataFrame:
        """How each arm ended, arms.csv."""
        return self._table("arms.csv", "a scenario with [[arm]] leaves it", dtype={"arm": str})

    @cached_property
    def observables(self) -> pd.DataFrame:
        """A row a report, index `time_h`. Of a dose series: the control. Units of the columns in `.attrs["units"]`."""
        return self._table("observables.csv", "no report was written yet").set_index("time_h")

    def cells(self, time_h: float | None = None) -> pd.DataFrame:
        """Every cell at every time that `cells=` asked for, or at one; with the column `time_h`."""
        tables = []
        for hours, path in _by_time(self.path / "cells", ".csv"):
            if time_h is None or abs(hours - time_h) < 5e-4:
                table = pd.read_csv(path)
                table.insert(0, "time_h", hours)
                tables.append(table)
        if not tables:
            when = "" if time_h is None else f" of {time_h:g} h"
            raise InvadoError(f"'{self.path}' holds no cells{when}: run it with cells='1 h' or another time")
        return _with_units(pd.concat(tables, ignore_index=True))

    @cached_property
    def fields(self) -> xr.Dataset:
        """Every field at every time that `fields=` asked for: dimensions time_h[, z_um], y_um, x_um.

        Values stay on disk until they are looked at. Units are in `.attrs["units"]` of every variable and coordinate.
        """
        files = {}
        for path in (self.path / "fields").glob("*.npy"):
            name, _, hours = path.name.removesuffix(".npy").rpartition("_")
            if name and _is_number(hours):
                files.setdefault(name, {})[float(hours)] = path
        if not files:
            raise InvadoError(f"'{self.path}' holds no fields: run it with fields='1 h' or another time")
        return fields.dataset(files, self.json["scenario_toml"])

    @property
    def tracks(self) -> pd.DataFrame:
        """Positions of followed cells, tracks.csv."""
        return self._table("tracks.csv", "[observe] tracks asks for it")

    @property
    def motility(self) -> pd.DataFrame:
        """Mean squared displacement and directionality by lag, motility.csv."""
        return self._table("motility.csv", "[observe] motility asks for it")

    @property
    def dose_response(self) -> pd.DataFrame:
        """Read-outs by dose, dose_response.csv. All but pFAK are predictions."""
        return self._table("dose_response.csv", "a finished dose series leaves it")

    @property
    def fits(self) -> pd.DataFrame:
        """Four-parameter logistic curves fitted to a dose series: a row a read-out, time and type of cells.

        Estimates are in columns of their own (`ic50_nm`) with their 95 % intervals (`ic50_nm_low`, `ic50_nm_high`).
        """
        rows = []
        for fit in self.json.get("fits", []):
            row = {}
            for key, value in fit.items():
                if isinstance(value, dict):
                    low, high = value["ci95"]
                    row |= {key: value["value"], f"{key}_low": low, f"{key}_high": high}
                else:
                    row[key] = value
            rows.append(row)
        if not rows:
            raise InvadoError(f"'{self.path}' holds no fits: a finished dose series leaves them")
        return pd.DataFrame(rows)

    @property
    def replicates(self) -> pd.DataFrame:
        """Mean, SD and 95 % confidence of each observable at each report over replicates, replicates.csv."""
        return self._table("replicates.csv", "a dose series and replicates leave it")

    @property
    def wells(self) -> pd.DataFrame:
        """A row for each well and report of a dose series or of replicates, wells.csv."""
        return self._table("wells.csv", "a dose series and replicates leave it", dtype={"well": str})

    def plot(self, *columns: str, ax=None):
        """Draws columns of the observables over time, for each arm if there are arms; hands back the axes (matplotlib)."""
        return plots.over_time(self, columns, ax)

    def plot_dose_response(self, readout: str = "pfak", time_h: float | None = None, ax=None):
        """Draws a read-out by dose with its fitted curve, at the last time or another; hands back the axes (matplotlib)."""
        return plots.dose_response(self, readout, time_h, ax)

    def _table(self, name: str, whence: str, **options) -> pd.DataFrame:
        path = self.path / name
        try:
            return _with_units(pd.read_csv(path, **options))
        except FileNotFoundError:
            raise InvadoError(f"'{self.path}' holds no {name}: {whence}") from None
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as why:
            raise InvadoError(f"'{path}' is damaged: {why}") from why


def open(path) -> Run:
    """The run in a folder.

    Raises InvadoError: there is none.
    """
    run = Run(path)
    if not run.path.is_dir():
        raise InvadoError(f"'{run.path}' is no folder; give the one that `invado run` left")
    if not run.arms:
        run.json
    return run


def _with_units(table: pd.DataFrame) -> pd.DataFrame:
    table.attrs["units"] = {column: unit(column) for column in table.columns}
    return table


def _by_time(folder: Path, ending: str) -> list[tuple[float, Path]]:
    """Files that are named by their hour, in order."""
    named = [(path.name.removesuffix(ending), path) for path in folder.glob(f"*{ending}")]
    return sorted((float(hours), path) for hours, path in named if _is_number(hours))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
