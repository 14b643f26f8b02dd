"""Runs invado and reads what a run leaves.

`run` starts the program and hands back a `Run`; `open` reads a folder that is there. Lengths are in µm, times in hours,
concentrations in nM; every column and coordinate says its unit. Nothing here is for clinical use.
"""

from .errors import InvadoError
from .folder import Run, open
from .program import run

__all__ = ["InvadoError", "Run", "open", "run"]
__version__ = "0.1.0"
