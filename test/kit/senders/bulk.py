"""Ships TOTAL documents with the bulk helper of elasticsearch-py, again until all are taken."""

import os
import time

from elasticsearch import Elasticsearch, __version__, helpers

total = int(os.environ["TOTAL"])
login = (os.environ["ES_USER"], os.environ["ES_PASSWORD"])
client = Elasticsearch(
    os.environ["ES_URL"],
    http_compress=True,
    retry_on_timeout=True,
    **({"http_auth": login} if __version__[0] < 8 else {"basic_auth": login}),
)


def documents():
    for n in range(total):
        if n % 50 == 49:
            time.sleep(0.1)
        yield {
            "_op_type": "index",
            "_index": "clients",
            "_id": str(n),
            "@timestamp": "2026-11-21T09:00:00Z",
            "message": f"Failed password for u{n}",
        }


while True:
    try:
        client.info()
        if not client.indices.exists(index="clients"):
            client.indices.create(index="clients")
        done, failed = helpers.bulk(client, documents(), chunk_size=50, stats_only=True, max_retries=20)
        if failed == 0:
            break
    except Exception as error:
        print(type(error).__name__, flush=True)
        time.sleep(0.3)
