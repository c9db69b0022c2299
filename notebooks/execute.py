"""Runs notebooks from their first cells to their last and stores them executed, their pictures reduced to 128 colours.

python notebooks/execute.py notebooks/05_neural_networks.ipynb
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image


def smaller(png: str) -> str:
    """A picture (base64) with a palette: a third of the bytes, and the same to the eye."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
    written = io.BytesIO()
    picture.quantize(128, method=Image.Quantize.FASTOCTREE).save(written, "png", optimize=True)
    return base64.b64encode(written.getvalue()).decode()


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when each cell ran
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output["data"]["image/png"] = smaller(output["data"]["image/png"])
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        execute(Path(name))
