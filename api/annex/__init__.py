"""Large requests, answered by a second process of the same application beside the server.

A bundle of a hundred thousand records, a spreadsheet, a photograph take a hundred megabytes and a
second of the event loop while they are read or written. A server that did it itself would keep much
of that memory for ever, and whoever checks in meanwhile would wait. So it hands such requests to
its ``Porter`` whole, and passes the answer on: who may do what, errors, conditions and the log are
those of the application, which both processes are. See docs/decisions/0018.

A route says that it may be large by ``api.kit.large``.
"""

from api.annex.middleware import Annex
from api.annex.porter import Patience, Porter, carrying

__all__ = ["Annex", "Patience", "Porter", "carrying"]
