"""Bytes of a sheet -> where they belong, and a Receipt."""

from handouts.delivery.folder import deliver

__all__ = ["deliver"]
