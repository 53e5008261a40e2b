"""Bytes of a sheet -> where they belong: a folder, a printer, an outbox, a mail server.

Only what every sheet needs is imported here; printing and mail are asked for by module, since `make` must start fast.
"""

from handouts.delivery.folder import bytes_as_noted, sheet_path, write_all_whole, write_whole

__all__ = ["bytes_as_noted", "sheet_path", "write_all_whole", "write_whole"]
