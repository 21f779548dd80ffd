"""Records from and to spreadsheets: what the columns are is declared once.

`template` gives the file to fill in, `read` takes it back (xlsx or csv) with every error by cell,
`write` and `write_csv` export. All four work on whole files in memory and block: call them in a
thread from asynchronous code.
"""

from core.spreadsheets.columns import CellError, Column, Kind, Row, Sheet
from core.spreadsheets.reading import read
from core.spreadsheets.template import template
from core.spreadsheets.writing import write, write_csv

__all__ = [
    "CellError",
    "Column",
    "Kind",
    "Row",
    "Sheet",
    "read",
    "template",
    "write",
    "write_csv",
]
