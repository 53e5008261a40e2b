"""A clinic's templates as they were read -> a warning for each of its files that no sheet and no email uses."""

from collections.abc import Iterator

from handouts.codes import Code
from handouts.composition.composing import Look
from handouts.errors import Kind, Problem, nearest
from handouts.resources import SHELVES, Resources

_PICTOGRAMS = "handout/pictograms/"


def unused(resources: Resources, templates: Look) -> Iterator[Problem]:
    """Yield a warning for each file of the clinic's templates that covers no shipped one and that no other names.

    `templates` is look(resources): no file is read for this. A pictogram is named by documents.
    """
    if resources.clinic is None:
        return
    root, shipped = resources.clinic / "templates", SHELVES["templates"]
    known = tuple(path.relative_to(shipped).as_posix() for path in sorted(shipped.glob("**/*")) if path.is_file())
    for path in sorted(root.glob("**/*")):
        name = path.relative_to(root).as_posix()
        if path.name.startswith(".") or not path.is_file() or name in known or name.startswith(_PICTOGRAMS):
            continue
        if name in templates.markup or name in templates.mail:
            continue
        yield Problem.warning(Kind.TEMPLATE, Code.TEMPLATE_UNUSED, f"templates/{name}", nearest=nearest(name, known))
