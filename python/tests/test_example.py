"""The notebook runs as it is shown."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_the_notebook_shows_a_dose_response():
    notebook = nbformat.read(EXAMPLES / "dose_response.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum(len(cell.source.splitlines()) for cell in code) <= 10
    # What is stored is the text alone; outputs are a run's.
    assert all(not cell.outputs for cell in code)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    outputs = [output for cell in code for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert any("ic50_nm" in output.get("data", {}).get("text/html", "") for output in outputs)
