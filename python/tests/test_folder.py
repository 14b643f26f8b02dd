"""What is read is what the files hold."""

import csv
import shutil

import numpy as np
import pytest

import invado
from invado.units import length_um, unit


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_observables_and_their_units(one):
    table, raw = one.observables, rows(one.path / "observables.csv")
    assert table.index.name == "time_h" and len(table) == len(raw) == 6
    for name in table.columns:
        assert table[name].tolist() == pytest.approx([float(row[name]) for row in raw], nan_ok=True)
    units = table.attrs["units"]
    assert units["mean_speed_um_per_h"] == "µm/h" and units["bath_nm"] == "nM" and units["cell_count"] == "1"
    assert units["mean_squared_displacement_um2"] == "µm²" and units["mean_drug_nm"] == "nM"


def test_cells_of_all_times_and_of_one(one):
    cells = one.cells()
    assert sorted(cells["time_h"].unique()) == [0, 0.5, 1]
    raw = rows(one.path / "cells" / "0.500.csv")
    half = one.cells(0.5)
    assert half["x_um"].tolist() == pytest.approx([float(row["x_um"]) for row in raw])
    assert half["type"].tolist() == [row["type"] for row in raw]
    assert cells.attrs["units"]["radius_um"] == "µm"
    with pytest.raises(invado.InvadoError, match="no cells of 0.25 h"):
        one.cells(0.25)


def test_fields_are_read_when_they_are_looked_at(one):
    fields = one.fields
    assert set(fields.data_vars) == {"drug", "fak"}
    assert dict(fields.sizes) == {"time_h": 3, "y_um": 15, "x_um": 20}
    assert fields["x_um"].values[:2].tolist() == [5, 15] and fields["x_um"].attrs["units"] == "µm"
    assert fields["drug"].attrs["units"] == "nM" and fields["fak"].attrs["units"] == "1"
    assert not fields["fak"].variable._in_memory
    for time in (0.0, 0.5, 1.0):
        raw = np.load(one.path / "fields" / f"fak_{time:.3f}.npy")
        assert np.array_equal(fields["fak"].sel(time_h=time).values, raw)
        # However it is asked for.
        assert np.array_equal(fields["fak"].sel(time_h=[time]).isel(x_um=[3, 1], y_um=slice(2, 9, 3)), raw[None, 2:9:3, [3, 1]])
    near = fields["drug"].sel(x_um=98, y_um=71, method="nearest")
    last = np.load(one.path / "fields" / "drug_1.000.npy")
    assert near.values[-1] == last[7, 9] and near.shape == (3,)
    assert fields.isel(time_h=-1)["drug"].mean() == pytest.approx(last.mean())


def test_fields_of_a_box(scenario, tmp_path):
    keys = {
        "domain.size": ["60 um", "50 um", "40 um"],
        "cells.0.place": {"monolayer": {"count": 3}},
    }
    run = invado.run(scenario, tmp_path / "out", set=keys, until="6 min", fields="6 min", engine="cpu")
    assert run.fields["drug"].dims == ("time_h", "z_um", "y_um", "x_um")
    assert dict(run.fields.sizes) == {"time_h": 2, "z_um": 4, "y_um": 5, "x_um": 6}
    assert run.fields["z_um"].values.tolist() == [5, 15, 25, 35]


def test_a_field_that_is_broken_is_named(one, tmp_path):
    shutil.copytree(one.path, tmp_path / "copy")
    run = invado.open(tmp_path / "copy")
    (run.path / "fields" / "fak_0.500.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(invado.InvadoError, match="fak_0.500.npy' cannot be read"):
        run.fields["fak"].values
    np.save(run.path / "fields" / "fak_0.500.npy", np.zeros((2, 2), "f4"))
    with pytest.raises(invado.InvadoError, match=r"has \(2, 2\) voxels"):
        run.fields["fak"].values


def test_tracks_and_motility(one):
    tracks = one.tracks
    assert tracks["id"].nunique() == 5 and len(tracks) == 55 and tracks.attrs["units"]["speed_um_per_h"] == "µm/h"
    assert one.motility["msd_um2"].gt(0).any()


def test_a_series(series):
    wells = series.wells
    assert wells["well"].nunique() == 10 and set(wells["dose_nm"]) == {0, 3, 10, 30, 100}
    response = series.dose_response
    assert set(response["time_h"]) == {0.2, 1}
    fits = series.fits
    raw = [fit for fit in series.json["fits"] if fit["readout"] == "pfak"]
    pfak = fits[fits["readout"] == "pfak"]
    assert pfak["midpoint_nm"].tolist() == [fit["midpoint_nm"]["value"] for fit in raw]
    assert pfak["midpoint_nm_low"].tolist() == [fit["midpoint_nm"]["ci95"][0] for fit in raw]
    assert not pfak["prediction"].any() and fits[fits["readout"] == "speed_um_per_h"]["prediction"].all()


def test_arms(arms):
    assert list(arms.arms) == ["b low", "a high"]
    assert arms.arms_table["arm"].tolist() == ["b low", "a high"]
    low, high = arms.arms.values()
    assert low.observables["bath_nm"].iloc[-1] == 1 and high.observables["bath_nm"].iloc[-1] == 900
    assert "arms: b low, a high" in repr(arms) and "finished" in repr(low)
    with pytest.raises(invado.InvadoError, match="holds arms; take one of run.arms: b low, a high"):
        arms.json


def test_plots(one, arms, series):
    ax = one.plot("mean_speed_um_per_h")
    assert ax.get_xlabel() == "time (h)" and ax.get_ylabel() == "mean_speed_um_per_h (µm/h)"
    assert np.array_equal(ax.lines[0].get_ydata(), one.observables["mean_speed_um_per_h"])
    assert [line.get_label() for line in arms.plot("mean_pfak").lines] == ["b low", "a high"]
    with pytest.raises(invado.InvadoError, match="one axis has one unit"):
        one.plot("mean_pfak", "bath_nm")
    with pytest.raises(invado.InvadoError, match="no column 'speed'; there are"):
        one.plot("speed")
    ax = series.plot_dose_response()
    assert ax.get_xscale() == "log" and "(prediction)" not in ax.get_title()
    # The curve passes by the points that it is fitted to.
    curve = next(line for line in ax.lines if len(line.get_xdata()) == 200)
    table = series.dose_response.query("readout == 'pfak' and time_h == 1 and dose_nm > 0")
    fitted = np.interp(np.log(table["dose_nm"]), np.log(curve.get_xdata()), curve.get_ydata())
    assert fitted == pytest.approx(table["relative_to_control"].to_numpy(), abs=0.05)
    assert "(prediction)" in series.plot_dose_response("speed_um_per_h", time_h=0.2).get_title()
    with pytest.raises(invado.InvadoError, match="no read-out 'x'; there are pfak"):
        series.plot_dose_response("x")
    with pytest.raises(invado.InvadoError, match="compared at 0.2, 1 h, not at 5 h"):
        series.plot_dose_response(time_h=5)


def test_what_is_not_there_is_named(one, tmp_path):
    with pytest.raises(invado.InvadoError, match="is no folder"):
        invado.open(tmp_path / "nowhere")
    with pytest.raises(invado.InvadoError, match="holds no run"):
        invado.open(tmp_path)
    for name, part in [("dose_response", "a finished dose series"), ("wells", "a dose series"), ("replicates", "replicates leave it"), ("fits", "no fits")]:
        with pytest.raises(invado.InvadoError, match=part):
            getattr(one, name)
    (tmp_path / "run.json").write_text('{"scenario_toml": ""}')
    bare = invado.open(tmp_path)
    for read in (lambda: bare.observables, bare.cells, lambda: bare.fields, lambda: bare.tracks, lambda: bare.motility):
        with pytest.raises(invado.InvadoError, match="holds no"):
            read()
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(invado.InvadoError, match="is damaged"):
        invado.open(tmp_path)
    (tmp_path / "observables.csv").write_text("")
    with pytest.raises(invado.InvadoError, match="observables.csv' is damaged"):
        bare.observables


def test_units():
    assert length_um("9.5 um") == 9.5 and length_um("0.1 mm") == 100 and length_um("1e1 µm") == 10
    for wrong in ("9.5", "3 nM", "two um"):
        with pytest.raises(invado.InvadoError, match="is not a length"):
            length_um(wrong)
    assert unit("auc_ng_h_per_ml") == "ng·h/mL" and unit("drug_mass_nm_um2") == "nM·µm²" and unit("time_h") == "h"
