"""Many tablets that bring their batches over 32 connections, without the product.

    python tests/benchmarks/uploaders.py PORT REQUESTS.jsonl ACKED.txt

A line of REQUESTS is {"path", "token", "body"}. Whatever goes wrong, a batch is sent again until
its answer came. Prints what was seen as one JSON line; ACKED gets every event that the server
said it holds.
"""

import http.client
import json
import sys
import threading
import time
from collections import Counter, deque
from pathlib import Path

CONNECTIONS = 32
GIVE_UP = 240.0


class Uploader:
    def __init__(self, port: int, requests: list[dict]) -> None:
        self.port, self.waiting = port, deque(requests)
        self.seen: Counter[str] = Counter()
        self.taken: list[float] = []
        self.acked: set[str] = set()
        self.until = time.perf_counter() + GIVE_UP

    def work(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while True:
            try:
                request = self.waiting.popleft()
            except IndexError:
                return
            while not self.sent(connection, request):
                connection.close()
                if time.perf_counter() > self.until:
                    raise TimeoutError("the server takes no more")
                time.sleep(0.05)

    def sent(self, connection: http.client.HTTPConnection, request: dict) -> bool:
        headers = {
            "Authorization": f"Bearer {request['token']}",
            "Content-Type": "application/json",
        }
        started = time.perf_counter()
        try:
            connection.request("POST", request["path"], request["body"], headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.seen["broken"] += 1
            return False
        if answer.status != 200:
            self.seen[str(answer.status)] += 1
            return False
        self.taken.append((time.perf_counter() - started) * 1000)
        for row in json.loads(content)["results"]:
            self.seen[row["result"]] += 1
            if row["result"] in {"accepted", "duplicate"}:
                self.acked.add(row["event_id"])
        return True


def main(port: str, requests: str, acked: str) -> None:
    lines = Path(requests).read_text().splitlines()
    uploader = Uploader(int(port), [json.loads(line) for line in lines])
    tablets = [threading.Thread(target=uploader.work) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    for tablet in tablets:
        tablet.start()
    for tablet in tablets:
        tablet.join()
    seconds = time.perf_counter() - started
    Path(acked).write_text("\n".join(sorted(uploader.acked)))
    p95 = sorted(uploader.taken)[int(len(uploader.taken) * 0.95)]
    found = {"seconds": round(seconds, 2), "p95_ms": round(p95), "batches": len(uploader.taken)}
    print(json.dumps(found | {"seen": uploader.seen}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
