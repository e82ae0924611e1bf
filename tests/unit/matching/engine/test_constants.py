"""Numbers of the rules that kernels repeat, since compiled code has no arguments for them."""

from services.matching.kernels.search import graph_view
from services.matching.kernels.suggestions import rows
from services.matching.rules import bridge, paths, suggestions


def test_kernels_repeat_the_numbers_of_the_rules():
    assert graph_view.ONE_BETWEEN == paths.ONE_BETWEEN
    assert graph_view.NOT_KNOWN == 10_000 * bridge.NOT_KNOWN
    assert rows.BEST == suggestions.INTRODUCERS
