"""The front desk's page: what is chosen and typed in a browser -> a sheet beside it, then on paper or on its way."""

from handouts.interfaces.desk.application import Desk
from handouts.interfaces.desk.wishing import Wish

__all__ = ["Desk", "Wish"]
