# Celery over Redis, with its results kept; a worker by `celery -A celery_worker worker`, and a sender by running this file.
import os
import sys
import time

from celery import Celery, group

app = Celery("bench", broker=os.environ["BENCH_REDIS_URL"], backend=os.environ["BENCH_REDIS_URL"])
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=4)


@app.task(name="add")
def add(a, b):
    return a + b


if __name__ == "__main__":
    # Each line that is read is a round: so many tasks, from the first that is sent to the last result.
    for line in sys.stdin:
        count = int(line)
        began = time.perf_counter()
        results = [add.delay(at, 1) for at in range(count)]
        for result in results:
            result.get(timeout=600)
        print(count / (time.perf_counter() - began), flush=True)
