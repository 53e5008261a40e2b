"""The door for programs: a treatment as JSON comes in with a key, the sheet goes out as PDF or HTML."""

from handouts.interfaces.programs.answering import routes

__all__ = ["routes"]
