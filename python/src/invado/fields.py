"""Fields as an xarray data set that stays on disk."""

import tomllib
from pathlib import Path

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from .errors import InvadoError
from .units import FIELDS, length_um


class _Files(BackendArray):
    """Files of equal shape, one a time, as one array of which only what is asked for is read."""

    def __init__(self, paths: list[Path]):
        self.paths = paths
        first = self._map(0)
        self.shape = (len(paths), *first.shape)
        self.dtype = first.dtype

    def _map(self, ix: int) -> np.ndarray:
        path = self.paths[ix]
        try:
            return np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as why:
            raise InvadoError(f"'{path}' cannot be read as a field: {why}") from why

    def __getitem__(self, key):
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key) -> np.ndarray:
        time, *rest = key
        if isinstance(time, (int, np.integer)):
            return np.array(self._of_shape(time)[tuple(rest)])
        return np.stack([self._of_shape(ix)[tuple(rest)] for ix in range(len(self.paths))[time]])

    def _of_shape(self, ix: int) -> np.ndarray:
        values = self._map(ix)
        if values.shape != self.shape[1:]:
            raise InvadoError(f"'{self.paths[ix]}' has {values.shape} voxels, '{self.paths[0]}' has {self.shape[1:]}")
        return values


def dataset(files: dict[str, dict[float, Path]], scenario_toml: str) -> xr.Dataset:
    """The fields at the times that all of them have."""
    voxel_um = length_um(str(tomllib.loads(scenario_toml)["domain"]["voxel"]))
    times = sorted(set.intersection(*(set(by_time) for by_time in files.values())))
    if not times:
        raise InvadoError("the fields in the folder have no time in common; run the scenario again")
    variables = {}
    for name, by_time in sorted(files.items()):
        values = _Files([by_time[time] for time in times])
        axes = ("z_um", "y_um", "x_um")[-(len(values.shape) - 1) :]
        lazy = indexing.LazilyIndexedArray(values)
        variables[name] = xr.Variable(("time_h", *axes), lazy, {"units": FIELDS.get(name, "1")})
    sizes = xr.Dataset(variables).sizes
    coordinates = {"time_h": ("time_h", times, {"units": "h"})}
    for axis in ("x_um", "y_um", "z_um"):
        if axis in sizes:
            # Middles of voxels.
            centres = (np.arange(sizes[axis]) + 0.5) * voxel_um
            coordinates[axis] = (axis, centres, {"units": "µm"})
    return xr.Dataset(variables, coordinates)
