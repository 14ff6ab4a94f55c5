// Ships TOTAL documents with the bulk helper of @elastic/elasticsearch (its folder is CLIENT), again until all are taken.
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

const { CLIENT, ES_URL, ES_USER, ES_PASSWORD, TOTAL } = process.env;
const { Client } = createRequire(`${CLIENT}/`)("@elastic/elasticsearch");
const client = new Client({
  node: ES_URL,
  auth: { username: ES_USER, password: ES_PASSWORD },
  compression: CLIENT.endsWith("7") ? "gzip" : true,
});

async function* documents() {
  for (let n = 0; n < Number(TOTAL); n++) {
    if (n % 50 === 49) await sleep(100);
    yield { "@timestamp": "2026-11-21T09:00:00Z", message: `Failed password for u${n}`, n };
  }
}

for (;;) {
  try {
    await client.info();
    const { failed } = await client.helpers.bulk({
      datasource: documents(),
      flushBytes: 5000,
      concurrency: 2,
      onDocument: ({ n }) => ({ index: { _index: "clients", _id: String(n) } }),
    });
    if (failed === 0) break;
  } catch (error) {
    console.log(error.name);
    await sleep(300);
  }
}
