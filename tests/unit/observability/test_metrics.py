"""Metrics: one registry, our prefix."""

from shared.observability import metrics


def test_ours_bear_the_prefix_and_the_process_is_there():
    metrics.counter("test_of_metrics", "counts in a test", ("kind",)).labels("good").inc(2)
    text = metrics.render().decode()
    assert 'warmpath_test_of_metrics_total{kind="good"} 2.0' in text
    assert "process_resident_memory_bytes" in text
