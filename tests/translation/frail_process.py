"""The other side of the pool's tests: dies or hangs when a text says so, else echoes it."""

import os
import time

from dragoman_translation.engines.process import Message, answer_all


def answer(question: Message) -> Message:
    match question["text"]:
        case "die":
            os._exit(7)
        case "hang":
            time.sleep(600)
        case "unusable":
            return {"unusable": "no such model", "loaded": {}}
    return {"text": question["text"], "loaded": {question["model"]: 1}}


if __name__ == "__main__":
    answer_all(answer)
