"""What a browser's page of the desk asks -> its answers: one module for each thing that is done at a desk."""

from handouts.interfaces.desk.answers.choosing import Choosing
from handouts.interfaces.desk.answers.counter import Counter
from handouts.interfaces.desk.answers.finding import Finding
from handouts.interfaces.desk.answers.handing_over import HandingOver
from handouts.interfaces.desk.answers.listing import Listing
from handouts.interfaces.desk.answers.staying import Staying

__all__ = ["Choosing", "Counter", "Finding", "HandingOver", "Listing", "Staying"]
