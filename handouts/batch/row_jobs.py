"""A table's row and what is asked of all rows -> its job, and a problem of it with its place in the table."""

from dataclasses import replace

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.records import Job, Row
from handouts.treatment.tables import Table


def job_of(row: Row, wanted: Job, table: Table) -> Job:
    """Return the row's job: what `wanted` asks for, with the details, document and language that the row has itself.

    Raises InputError where neither names a document, and an empty one where the row has errors already.
    """
    if errors_of(row.problems):
        raise InputError(())
    document = row.document or wanted.document
    if not document:
        raise InputError([Problem.of(Kind.TREATMENT, Code.ROW_WITHOUT_DOCUMENT, table.source, row.line)])
    languages = (row.language,) if row.language else wanted.languages
    return replace(wanted, document=document, languages=languages, details=row.details)


def of_row(problem: Problem, row: Row, table: Table) -> Problem:
    """Return a problem of the row, or with the document or language that it has named itself, with its place."""
    if problem.source == table.source and problem.line is None:
        return replace(problem, line=row.line)
    named = {row.document: "document", "--language": "language" if row.language else ""}
    path = named.get(problem.source, "")
    return replace(problem, source=table.source, line=row.line, path=path) if path else problem
