"""Writes handouts/declared.py: the C declarations of WeasyPrint's libraries, compiled by cffi ahead of time."""

import importlib
import tempfile
from pathlib import Path

import cffi

from handouts.declarations import DECLARED, source_digest

HEADER = '''"""The C declarations of WeasyPrint {version} as cffi compiled them, by scripts/declare.py."""

# mypy: ignore-errors
SOURCE = "{digest}"
'''


def main() -> None:
    """Compile what weasyprint.text.ffi declares and write it beside the package's modules."""
    declared: list[str] = []
    original = cffi.FFI

    class Recorder(original):  # type: ignore[misc, valid-type]  # cffi has no annotations
        """Notes each declaration on its way."""

        def cdef(self, text: str, *arguments: object, **options: object) -> None:
            declared.append(text)
            super().cdef(text, *arguments, **options)

    cffi.FFI = Recorder
    weasyprint = importlib.import_module("weasyprint")
    compiled = original()
    compiled.set_source("declared", None)
    for text in declared:
        compiled.cdef(text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "declared.py"
        compiled.emit_python_code(str(path))
        body = path.read_text()
    DECLARED.write_text(HEADER.format(version=weasyprint.VERSION, digest=source_digest()) + body)
    print(DECLARED)


if __name__ == "__main__":
    main()
