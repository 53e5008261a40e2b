"""Quick work goes to processes in portions; whatever ends a process, only one piece of a portion is to blame."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from handouts.crew import Crew, Ended
from tests.waiting import until

DEADLY, ENDLESS, LAST = 123, 156, 400


def hired(folder: Path) -> Callable[[int], tuple[int, int]]:
    """Return what does a piece of work: it notes that it was begun, and in which process."""

    def work(number: int) -> tuple[int, int]:
        with (folder / "begun").open("a") as begun:
            begun.write(f"{number}\n")
        if number == DEADLY:
            os._exit(1)
        while number == ENDLESS:
            pass
        return number, os.getpid()

    return work


class Hire:
    """Is sent to the processes, which tests cannot do with a function of a function."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self) -> Callable[[int], tuple[int, int]]:
        return hired(self.folder)


def test_of_a_portion_that_ends_its_worker_one_piece_is_to_blame(tmp_path: Path) -> None:
    crew = Crew(hire=Hire(tmp_path), workers=2, seconds=1)
    results = dict(crew.run(range(LAST)))
    assert list(results) == list(range(LAST)), "in their order"
    assert (results[DEADLY], results[ENDLESS]) == (Ended.DIED, Ended.OUT_OF_TIME)
    finished = {number: result[0] for number, result in results.items() if not isinstance(result, Ended)}
    assert finished == {number: number for number in range(LAST) if number not in (DEADLY, ENDLESS)}
    begun = Counter(map(int, (tmp_path / "begun").read_text().split()))
    assert begun[DEADLY] >= 3, "in its portion, and twice alone"


def test_processes_can_begin_before_there_is_work(tmp_path: Path) -> None:
    with Crew(hire=Noted(tmp_path), workers=2).begun(1) as shift:
        first = int(until(lambda: (tmp_path / "hired").is_file() and (tmp_path / "hired").read_text(), "one begins"))
        (tmp_path / "hired").unlink()
        pids = set(dict(shift.run(range(12))).values())
    assert (tmp_path / "hired").is_file(), "the other began with its first work"
    assert pids == {first, int((tmp_path / "hired").read_text())}


class Noted:
    """Notes in which process work is hired for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self) -> Callable[[int], int]:
        (self.folder / "hired").write_text(str(os.getpid()))
        return of_process


def of_process(_: int) -> int:
    time.sleep(0.2)
    return os.getpid()


def test_slow_work_goes_one_by_one_and_the_first_result_comes_at_once() -> None:
    began = time.monotonic()
    for number, _ in Crew(hire=Slow, workers=1).run(range(20)):
        if number == 0:
            first = time.monotonic() - began
    assert time.monotonic() - began - first > 15 * 0.2


class Slow:
    """Takes longer for a piece than a portion may take."""

    def __call__(self, number: int) -> int:
        time.sleep(0.2)
        return number


@pytest.mark.parametrize(("worker", "pieces", "held"), [("Quick", 9000, 1000), ("Slowly", 450, 200)])
def test_no_more_than_a_few_portions_are_held_and_more_of_quick_work(worker: str, pieces: int, held: int) -> None:
    """What is held is lost where a run ends early."""
    taken = 0

    def works() -> Iterator[int]:
        nonlocal taken
        while taken < pieces:
            taken += 1
            yield taken

    ahead = max(taken - number for number, _ in Crew(hire=globals()[worker], workers=2).run(works()))
    assert 25 < ahead <= 2 * held


def test_work_that_becomes_slow_is_done_to_its_end() -> None:
    """Fewer pieces may be held then than are."""
    works = [*range(1500), *[-1] * 60, *range(4000)]
    assert [work for work, _ in Crew(hire=Tiring, workers=2).run(works)] == works


class Tiring:
    """Takes no time at first, and then a while."""

    def __call__(self, number: int) -> int:
        time.sleep(0.05 * (number < 0))
        return number


class Slowly:
    """Takes a while."""

    def __call__(self, number: int) -> int:
        time.sleep(0.03)
        return number


class Quick:
    """Takes no time."""

    def __call__(self, number: int) -> int:
        return number


def test_work_of_one_kind_stays_with_a_process_and_none_is_idle() -> None:
    """The last hundred are of one kind, and more than one process has time for them."""
    kinds = [*range(6)] * 50 + [0] * 400
    crew = Crew(hire=Named, workers=2, kind=lambda kind: kind)
    done = [(kind, result) for kind, result in crew.run(kinds) if not isinstance(result, Ended)]
    assert [kind for kind, _ in done] == kinds
    begun = {kind: {process for other, process in done[:60] if other == kind} for kind in range(6)}
    assert all(len(processes) == 1 for processes in begun.values()), "each kind was begun once"
    assert len(set.union(*begun.values())) == 2
    assert len({process for _, process in done[-100:]}) == 2


def test_a_process_does_not_begin_with_what_another_will_have_done_before_it_is_warm() -> None:
    """The first piece takes three seconds, the four hundred after it together two; the other has done its own then."""
    crew = Crew(hire=Warming, workers=2, kind=lambda kind: kind)
    begun = {result for _, result in crew.run([0, 1, *[0] * 400]) if not isinstance(result, Ended)}
    assert sorted(kind for kind, _ in begun) == [0, 1]
    assert len({process for _, process in begun}) == 2


class Warming:
    """Takes long for the first piece of a kind, and no time for the others; says which kind was done by whom."""

    def __init__(self) -> None:
        self.begun: set[int] = set()

    def __call__(self, kind: int) -> tuple[int, int]:
        time.sleep(0.005 if kind in self.begun else 3 + kind / 4)
        self.begun.add(kind)
        return kind, os.getpid()


class Named:
    """Says which process did the work; takes a while for it."""

    def __call__(self, _kind: int) -> int:
        time.sleep(0.01)
        return os.getpid()


class Foreseeing:
    """Does pieces of a portion together, and says so of each; the last of a hundred takes it too long."""

    def __init__(self) -> None:
        self.done: dict[int, int] = {}

    def __call__(self, number: int) -> int:
        return self.done.pop(number, 1)

    def ahead(self, numbers: Sequence[int]) -> None:
        self.done = dict.fromkeys(numbers, len(numbers))
        while 99 in numbers:
            pass


def test_a_worker_may_do_first_what_it_can_for_all_of_a_portion() -> None:
    results = dict(Crew(hire=Foreseeing, workers=1, seconds=1).run(range(300)))
    assert list(results) == list(range(300))
    assert not [number for number, found in results.items() if isinstance(found, Ended)], "each is done by itself then"
    assert max(found for found in results.values() if isinstance(found, int)) == 25
