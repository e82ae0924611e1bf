"""Where there is no path (section 6): whom the person knows themself who left the company long ago."""

from services.matching.kernels.compiled import inner, lean
from services.matching.kernels.graph.jobs import ENDED, STARTED
from services.matching.kernels.graph.layout import OWN, TIED
from services.matching.kernels.search.graph_view import GraphView, may_be_on_path
from services.matching.kernels.search.hint_scan import next_hint
from services.matching.kernels.search.introducers import IntroducerQuery
from services.matching.kernels.storage.arrays import I32


@lean
def find_left_there(view: GraphView, days: I32, query: IntroducerQuery, people: I32, left: I32) -> int:
    """Write who left the company so long ago that they are no insider, and the day; returns how many.

    `days` is `JobStore.days`; `people` and `left` have room for all of the person's arcs.
    """
    arcs, count = view.arcs, 0
    at = arcs.start[query.person]
    end = at + arcs.size[query.person]
    while True:
        at = next_hint(arcs.hint, query.words, at, end, query.hint)
        if at >= end:
            return count
        other = arcs.other[at]
        if arcs.flags[at] & (TIED | OWN) == TIED | OWN and arcs.strength[at] > 0:
            day = _left_on(view, days, other, query.company)
            if day > 0 and may_be_on_path(view, query.person, other):
                people[count], left[count] = other, day
                count += 1
        at += 1


@inner
def _left_on(view: GraphView, days: I32, person: int, company: int) -> int:
    """The last day of somebody's jobs at the company that have begun; 0 without one, and for an insider."""
    last, begin = 0, view.people.job_start[person]
    for job in range(begin, begin + view.people.job_size[person]):
        if view.jobs.company[job] == company:
            if view.jobs.presence[job] > 0:
                return 0
            if days[job, STARTED] <= view.today:
                last = max(last, days[job, ENDED])
    return last
