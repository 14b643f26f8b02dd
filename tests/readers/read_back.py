"""Reads exports of a run with the programs' own readers and compares every bit with the run's CSV and NPY files.

python read_back.py RUN FORMAT...

RUN: a folder that `invado run --cells TIME --fields TIME` left, exported to each FORMAT.
"""

import csv
import json
import sys
import xml.etree.ElementTree
from pathlib import Path

import numpy

NUMBERS = [
    "x_um", "y_um", "z_um", "radius_um", "pfak", "src", "pcas", "pakt", "perk", "fa_nascent", "fa_mature",
    "speed_um_per_h",
]
UNITS = {"drug": "nM", "drug_bound": "nM", "attractant": "nM", "oxygen": "mmHg"}


def with_unit(field):
    return f"{field}_{UNITS[field]}" if field in UNITS else field


def same_bits(found, expected, what):
    found, expected = numpy.ascontiguousarray(found), numpy.ascontiguousarray(expected)
    assert found.dtype == expected.dtype, f"{what}: {found.dtype}, not {expected.dtype}"
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, not {expected.shape}"
    assert found.tobytes() == expected.tobytes(), f"{what}: other values"


class Run:
    """What the run's own files say."""

    def __init__(self, folder):
        self.folder = folder
        self.hours = sorted((path.stem for path in (folder / "cells").glob("*.csv")), key=float)
        names = {path.stem.rsplit("_", 1)[0] for path in (folder / "fields").glob("*.npy")}
        order = ["drug", "drug_bound", "ecm", "fak", "mmp", "oxygen", "attractant", "tgfb"]
        self.fields = [name for name in order if name in names]
        assert len(self.hours) > 1 and self.fields

    def field(self, name, hours):
        return numpy.load(self.folder / "fields" / f"{name}_{hours}.npy")

    def cells(self, hours):
        with open(self.folder / "cells" / f"{hours}.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {name: numpy.array([row[name] for row in rows], dtype=numpy.float32) for name in NUMBERS}
        columns["id"] = numpy.array([row["id"] for row in rows], dtype=numpy.uint32)
        for name in ["type", "phase"]:
            columns[name] = numpy.array([row[name] for row in rows], dtype=object)
        return columns

    def table(self):
        with open(self.folder / "observables.csv", newline="") as file:
            rows = list(csv.reader(file))
        return rows[0], numpy.array(rows[1:], dtype=numpy.float64)


def vtk(run, path, voxel_um):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader, vtkXMLPolyDataReader

    def read(reader, file):
        reader.SetFileName(str(file))
        reader.Update()
        assert reader.GetErrorCode() == 0, file
        return reader.GetOutput()

    def series(name):
        sets = xml.etree.ElementTree.parse(path / f"{name}.pvd").getroot().iter("DataSet")
        sets = [(float(entry.get("timestep")), entry.get("file")) for entry in sets]
        assert [f"{time:.3f}" for time, _ in sets] == run.hours
        return sets

    def names(data, name):
        array = data.GetFieldData().GetAbstractArray(name)
        return [array.GetValue(i) for i in range(array.GetNumberOfValues())]

    for hours, (time, file) in zip(run.hours, series("fields")):
        image = read(vtkXMLImageDataReader(), path / file)
        assert image.GetFieldData().GetArray("TimeValue").GetValue(0) == time
        assert image.GetSpacing() == (voxel_um,) * 3
        assert image.GetOrigin() == (0.0,) * 3
        data = image.GetCellData()
        assert [data.GetArrayName(i) for i in range(data.GetNumberOfArrays())] == [with_unit(f) for f in run.fields]
        for field in run.fields:
            expected = run.field(field, hours)
            size = [n * voxel_um for n in reversed(expected.shape)]
            assert numpy.allclose(image.GetBounds()[1::2][: len(size)], size)
            same_bits(vtk_to_numpy(data.GetArray(with_unit(field))), expected.ravel(), f"{file} {field}")
    for hours, (time, file) in zip(run.hours, series("cells")):
        points = read(vtkXMLPolyDataReader(), path / file)
        cells = run.cells(hours)
        assert points.GetFieldData().GetArray("TimeValue").GetValue(0) == time
        assert points.GetNumberOfVerts() == len(cells["id"])
        place = numpy.stack([cells[name] for name in NUMBERS[:3]], axis=1)
        same_bits(vtk_to_numpy(points.GetPoints().GetData()), place, file)
        data = points.GetPointData()
        for name in ["id", *NUMBERS[3:]]:
            same_bits(vtk_to_numpy(data.GetArray(name)), cells[name], f"{file} {name}")
        for name in ["type", "phase"]:
            labels = numpy.array(names(points, f"{name}_names"), dtype=object)
            found = labels[vtk_to_numpy(data.GetArray(name))]
            assert (found == cells[name]).all(), f"{file} {name}"


def zarr(run, path, voxel_um):
    import zarr
    from ome_zarr_models.v05.image import Image

    group = zarr.open_group(path, mode="r", zarr_format=3)
    image = Image.from_zarr(group).ome_attributes.multiscales[0]
    n_space = run.field(run.fields[0], run.hours[0]).ndim
    axes = [(axis.name, axis.type, axis.unit) for axis in image.axes]
    space = [(name, "space", "micrometer") for name in ["z", "y", "x"][3 - n_space :]]
    assert axes == [("t", "time", "hour"), ("c", "channel", None), *space], axes
    scale, translation = image.datasets[0].coordinateTransformations
    step = float(run.hours[1]) - float(run.hours[0])
    assert numpy.allclose(scale.scale, [step, 1.0] + [voxel_um] * n_space, atol=1e-3)
    assert translation.translation == [0.0, 0.0] + [0.5 * voxel_um] * n_space
    labels = [channel["label"] for channel in group.attrs["ome"]["omero"]["channels"]]
    assert labels == [with_unit(field) for field in run.fields]
    array = group[image.datasets[0].path]
    assert array.shape[:2] == (len(run.hours), len(run.fields))
    for t, hours in enumerate(run.hours):
        assert f"{group.attrs['invado']['time_h'][t]:.3f}" == hours
        for c, field in enumerate(run.fields):
            same_bits(array[t, c], run.field(field, hours), f"zarr {field} {hours}")


def parquet(run, path, voxel_um):
    import pandas

    table = pandas.read_parquet(path / "cells.parquet")
    assert list(table.columns) == ["time_h", "id", "type", *NUMBERS, "phase"]
    table["hours"] = table["time_h"].map("{:.3f}".format)
    n_rows = 0
    for hours in run.hours:
        rows, cells = table[table["hours"] == hours], run.cells(hours)
        n_rows += len(rows)
        for name in ["id", *NUMBERS]:
            same_bits(rows[name].to_numpy(), cells[name], f"parquet {name} {hours}")
        for name in ["type", "phase"]:
            assert list(rows[name]) == list(cells[name]), name
    assert n_rows == len(table)
    names, values = run.table()
    observables = pandas.read_parquet(path / "observables.parquet")
    assert list(observables.columns) == names
    assert numpy.array_equal(observables.to_numpy(), values, equal_nan=True)


def simularium(run, path, voxel_um):
    from simulariumio import FileConverter, InputFileData

    data = FileConverter(InputFileData(file_path=str(path)))._data
    agents, box = data.agent_data, data.meta_data.box_size
    assert (data.time_units.name, data.spatial_units.name) == ("h", "µm"), (data.time_units, data.spatial_units)
    assert [f"{time:.3f}" for time in agents.times] == run.hours
    for t, hours in enumerate(run.hours):
        cells = run.cells(hours)
        n = len(cells["id"])
        assert agents.n_agents[t] == n
        place = (agents.positions[t, :n] + 0.5 * box).astype(numpy.float32)
        same_bits(place, numpy.stack([cells[name] for name in NUMBERS[:3]], axis=1), f"simularium {hours}")
        same_bits(agents.radii[t, :n].astype(numpy.float32), cells["radius_um"], f"simularium radius {hours}")
        assert (agents.unique_ids[t, :n] == cells["id"]).all()
        kinds = [f"{kind}#{phase}" for kind, phase in zip(cells["type"], cells["phase"])]
        assert agents.types[t][:n] == kinds
    names, values = run.table()
    assert [plot["layout"]["title"] for plot in data.plots] == names[1:]
    assert data.plots[0]["data"][0]["y"] == list(values[:, 1])


FILES = {"vtk": "vtk", "zarr": "fields.ome.zarr", "parquet": "parquet", "simularium": "cells.simularium"}


def main():
    folder, formats = Path(sys.argv[1]), sys.argv[2:]
    run = Run(folder)
    scenario = json.loads((folder / "run.json").read_text())["scenario_toml"]
    (voxel,) = [line.split('"')[1] for line in scenario.splitlines() if line.startswith("voxel")]
    voxel_um = float(voxel.removesuffix(" um"))
    for name in formats:
        globals()[name](run, folder / FILES[name], voxel_um)
        print(f"{name}: {len(run.hours)} moments read back to the same bits")


main()
