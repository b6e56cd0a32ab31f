"""The plan of a process of the load generator crosses to it as JSON."""

import json

from dragoman_cli.load.plan import Plan, as_json


def test_a_plan_is_the_same_after_it_was_sent() -> None:
    plan = Plan("http://e", "k", "/a", sessions=3, speed=1.5, stamped=True, wishes={"source": "en"})
    assert Plan(**json.loads(as_json(plan))) == plan
