"""What goes to a worker and back is the same record there, and smaller than a dataclass makes it by itself."""

import pickle
from dataclasses import fields

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.records import Consignment, Failed, Format, Planned, Sheet
from tests.conftest import EXAMPLE_CLINIC, task


def test_a_record_is_the_same_after_its_way() -> None:
    consignment = Consignment(path=EXAMPLE_CLINIC, where="out", address="ana@example.org", line=7, patients=("a", "b"))
    planned = Planned(task=task(7), consignment=consignment, name="Ana Example 7", done=True)
    failed = Failed(problems=(Problem.of(Kind.TREATMENT, Code.ROW_TWICE, "t.csv", 7, first="3"),))
    sheet = Sheet(
        content=b"%PDF", format=Format.PDF, stem="s", document="d", version="1", language="en", fingerprint="f", pages=2
    )
    for record in (planned, failed, sheet):
        packed = pickle.dumps(record)
        again = pickle.loads(packed)  # noqa: S301 - our own
        assert again == record
        assert [repr(getattr(again, each.name)) for each in fields(again)] == [
            repr(getattr(record, each.name)) for each in fields(record)
        ]
    assert b"_put_together" in pickle.dumps(planned), "else each takes the long way"
