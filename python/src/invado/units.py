"""Units, as names of columns and scenarios carry them."""

import re

from .errors import InvadoError

# How names of columns end; longer ones first.
_ENDINGS = {
    "_density_per_um2": "µm⁻²",
    "_density_per_um3": "µm⁻³",
    "density_per_um2": "µm⁻²",
    "density_per_um3": "µm⁻³",
    "_ng_h_per_ml": "ng·h/mL",
    "_um_per_h": "µm/h",
    "_mmhg_um2": "mmHg·µm²",
    "_mmhg_um3": "mmHg·µm³",
    "_percent": "%",
    "_nm_um2": "nM·µm²",
    "_nm_um3": "nM·µm³",
    "_ng_ml": "ng/mL",
    "_um2": "µm²",
    "_um3": "µm³",
    "_um": "µm",
    "_nm": "nM",
    "_mg": "mg",
    "_h": "h",
}

FIELDS = {"drug": "nM", "drug_bound": "nM", "oxygen": "mmHg", "attractant": "nM"}

_LENGTHS_UM = {"nm": 1e-3, "um": 1.0, "µm": 1.0, "μm": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6}


def unit(column: str) -> str:
    """The unit of a column; "1" of counts, fractions and names."""
    if column == "mean_oxygen":
        return "mmHg"
    return next((unit for ending, unit in _ENDINGS.items() if column.endswith(ending)), "1")


def length_um(text: str) -> float:
    """A length of a scenario, e.g. "9.5 um", in µm."""
    parts = re.fullmatch(r"\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S+)\s*", text)
    if parts is None or parts[2] not in _LENGTHS_UM:
        raise InvadoError(f"'{text}' is not a length that this package reads; give a number and one of nm, um, mm, cm, m")
    return float(parts[1]) * _LENGTHS_UM[parts[2]]
