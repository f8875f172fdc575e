"""Many people who open a page again as soon as it has come: a closed loop, without the product.

    python tests/benchmarks/visitors.py PORT PATH COOKIE USERS SECONDS

Prints the milliseconds of every answer after the warm-up as a JSON list.
"""

import http.client
import json
import sys
import threading
import time

WARM_UP = 2.0


def visit(port: int, path: str, cookie: str, until: float, since: float, out: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while (started := time.perf_counter()) < until:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        if started >= since:
            out.append((time.perf_counter() - started) * 1000)


def main(port: str, path: str, cookie: str, users: str, seconds: str) -> None:
    since = time.perf_counter() + WARM_UP
    until = since + float(seconds)
    taken: list[float] = []
    visitors = [
        threading.Thread(target=visit, args=(int(port), path, cookie, until, since, taken))
        for _ in range(int(users))
    ]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    print(json.dumps([round(value, 2) for value in taken]))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
