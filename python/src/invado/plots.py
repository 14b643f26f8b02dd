"""Plots with units on their axes."""

import numpy as np

from .errors import InvadoError
from .units import unit


def _axes(ax):
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as why:
        raise InvadoError("plots need matplotlib: pip install matplotlib") from why
    return pyplot.subplots()[1]


def _column(table, name: str):
    if name not in table.columns:
        raise InvadoError(f"there is no column '{name}'; there are {', '.join(table.columns)}")
    return table[name]


def over_time(run, columns, ax):
    """See `Run.plot`."""
    if not columns:
        raise InvadoError("name a column to plot, e.g. run.plot('mean_speed_um_per_h'); run.observables.columns has them all")
    units = {unit(column) for column in columns}
    if len(units) > 1:
        raise InvadoError(f"{', '.join(columns)} are in {', '.join(sorted(units))}: one axis has one unit; plot them apart")
    courses = run.arms or {"": run}
    lines = [
        (" ".join(part for part in (arm, column if len(columns) > 1 else "") if part), _column(each.observables, column))
        for arm, each in courses.items()
        for column in columns
    ]
    ax = _axes(ax)
    for label, values in lines:
        ax.plot(values.index, values, label=label or None)
    what = columns[0] if len(columns) == 1 else "value"
    only = units.pop()
    ax.set(xlabel="time (h)", ylabel=what if only == "1" else f"{what} ({only})")
    if len(lines) > 1:
        ax.legend()
    return ax


def dose_response(run, readout, time_h, ax):
    """See `Run.plot_dose_response`."""
    table = run.dose_response
    table = table[table["readout"] == readout]
    if table.empty:
        names = ", ".join(run.dose_response["readout"].unique())
        raise InvadoError(f"there is no read-out '{readout}'; there are {names}")
    times = table["time_h"].unique()
    time = times.max() if time_h is None else time_h
    table = table[np.isclose(table["time_h"], time)]
    if table.empty:
        raise InvadoError(f"doses were compared at {', '.join(f'{t:g}' for t in times)} h, not at {time_h:g} h")
    fits = run.fits
    fits = fits[(fits["readout"] == readout) & np.isclose(fits["time_h"], time)].set_index("type")
    ax = _axes(ax)
    for group, points in table.groupby("type", sort=False):
        control = points["mean"].iloc[0]
        given = points[points["dose_nm"] > 0]
        bars = ax.errorbar(
            given["dose_nm"], given["mean"] / control, given["sd"] / control, fmt="o", capsize=3, label=group
        )
        fit = fits.loc[group]
        if fit["top"] is not None and np.isfinite(fit["top"]):
            doses = np.geomspace(given["dose_nm"].min(), given["dose_nm"].max(), 200)
            share = 1 / (1 + (doses / fit["midpoint_nm"]) ** fit["hill"])
            curve = fit["bottom"] + (fit["top"] - fit["bottom"]) * share
            ax.plot(doses, curve / control, color=bars[0].get_color())
    compound = fits["compound"].iloc[0]
    mark = " (prediction)" if fits["prediction"].any() else ""
    ax.set(
        xscale="log",
        xlabel=f"{compound} (nM)",
        ylabel=f"{readout} relative to control",
        title=f"{readout} after {time:g} h{mark}",
    )
    ax.legend()
    return ax
