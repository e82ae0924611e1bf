"""Who must read what, and how partitions are added up."""

import pytest

from shared.messaging.inspection.groups import PartitionLag, reading_groups, sum_by_topic
from shared.messaging.topics.catalogue import STATE_TOPICS, SUGGESTIONS


def places(found, topic):
    return [place.partition for place in found.partitions if place.topic == topic]


def test_every_group_reads_its_topics_and_what_is_retried():
    found = {each.name: each for each in reading_groups([])}
    assert {place.topic for place in found["notifications"].partitions} == {
        "suggestions.v1",
        "people.v1",
        "introductions.v1",
        "notifications.retry",
    }
    assert {place.topic for place in found["postings"].partitions} == {"people.v1", "postings.retry"}


def test_a_lone_matcher_reads_everything():
    (matcher,) = [each for each in reading_groups(["matching", "other"]) if not each.joins]
    assert {place.topic for place in matcher.partitions} == {topic.name for topic in STATE_TOPICS}


def test_each_shard_reads_every_input_and_its_own_suggestions_and_a_missing_one_is_listed():
    shards = [each for each in reading_groups(["matching-0-of-3", "matching-2-of-3"]) if not each.joins]
    assert [each.name for each in shards] == [f"matching-{number}-of-3" for number in range(3)]
    assert places(shards[1], SUGGESTIONS.name) == [1, 4, 7, 10]
    assert places(shards[1], "ties.v1") == list(range(12))


@pytest.mark.parametrize(("oldest", "least"), [((None, 5, 3), 3), ((None, None, None), None)])
def test_a_topic_s_lag_is_the_sum_and_its_oldest_record_the_oldest_of_all(oldest, least):
    parts = [PartitionLag("g", "t", n, None, 9, n, at, n != 1) for n, at in enumerate(oldest)]
    (whole,) = sum_by_topic(parts)
    assert (whole.lag, whole.oldest_ms, whole.without_member, whole.never_committed) == (3, least, 1, True)
