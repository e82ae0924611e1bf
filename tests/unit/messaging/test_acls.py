"""Who may do what on the topics, from the catalogue alone."""

from itertools import pairwise
from typing import get_args

import pytest

from shared.messaging.topics.acls import OPERATOR, acls, all_acls, commands
from shared.messaging.topics.catalogue import CONSUMER_GROUPS, STATE_TOPICS, all_topics
from shared.services import ServiceName


def allowed(operation: str, topic: str) -> set[str]:
    """Principals that may do this to a topic."""
    return {
        acl.principal
        for acl in all_acls()
        if acl.resource == "topic" and acl.name == topic and operation in acl.operations and not acl.prefixed
    }


@pytest.mark.parametrize("topic", STATE_TOPICS, ids=lambda topic: topic.name)
def test_only_the_owner_writes_a_state_topic_and_only_it_and_readers_read_it(topic):
    assert allowed("Write", topic.name) == {topic.owner}
    assert allowed("Read", topic.name) == {*topic.readers, topic.owner, OPERATOR}


@pytest.mark.parametrize("group", list(CONSUMER_GROUPS))
def test_dead_letters_are_their_groups_and_the_operators_alone(group):
    for topic in (f"{group}.dlq", f"{group}.retry"):
        assert allowed("Write", topic) == allowed("Read", topic) == {group, OPERATOR}


def test_nothing_is_allowed_on_what_is_not_in_the_catalogue():
    names = {topic.name for topic in all_topics()}
    assert {acl.name for acl in all_acls() if acl.resource == "topic"} == names
    assert not any(acl.resource == "cluster" for service in get_args(ServiceName) for acl in acls(service))


def test_the_commands_allow_exactly_the_list():
    said = set()
    for words in commands(all_acls()):
        pairs = list(pairwise(words))
        who = next(value for flag, value in pairs if flag == "--allow-principal").removeprefix("User:")
        may = tuple(value for flag, value in pairs if flag == "--operation")
        kinds = [(flag[2:], value) for flag, value in pairs if flag in ("--topic", "--group", "--transactional-id")]
        said |= {(who, *kind, may, "prefixed" in words) for kind in kinds or [("cluster", "")]}
    assert said == {(a.principal, a.resource, a.name, a.operations, a.prefixed) for a in all_acls()}
