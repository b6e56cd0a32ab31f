"""`Hosted` and `Blocking` that answer from a list, and remember what they were asked."""

import json
from typing import Any


class Answers:
    """Bodies in order; what is an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.closed = 0

    def take(self, method: str, path: str, kind: Any, content: dict[str, Any]) -> Any:
        self.asked.append((method, path, content))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return kind.model_validate_json(json.dumps(answer))


class FakeHosted:
    """See Hosted."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def ask(self, method: str, path: str, kind: Any, **content: Any) -> Any:
        return self._answers.take(method, path, kind, content)

    async def close(self) -> None:
        self._answers.closed += 1


class FakeBlocking:
    """See Blocking."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def ask(self, method: str, path: str, kind: Any, **content: Any) -> Any:
        return self._answers.take(method, path, kind, content)

    def close(self) -> None:
        self._answers.closed += 1
