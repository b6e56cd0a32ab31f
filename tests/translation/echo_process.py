"""The other side of `test_process`: echoes, and breaks as it is told."""

import os
import sys
import time

from dragoman_translation.engines.process import Message, answer_all


def answer(question: Message) -> Message:
    print("a library says something")
    match question["do"]:
        case "hang":
            time.sleep(600)
        case "die":
            os._exit(7)
        case "raise":
            raise ValueError(question["text"])
        case "long":
            return {"text": "x" * 1_000_000}
    return {"text": question["text"], "pid": os.getpid(), "argument": sys.argv[1]}


if __name__ == "__main__":
    answer_all(answer)
