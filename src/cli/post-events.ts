/** Posts batches of documents to a webhook collector, at a rate, again and again while the answer is 503. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Pool } from "undici";
import type { Clock } from "../component/clock.ts";
import { AppError } from "../component/app-error.ts";
import type { Secret } from "../component/secret.ts";
import type { Document } from "./read-documents.ts";

export interface PostOptions {
  readonly url: string;
  readonly collector: string;
  readonly token: Secret | null;
  readonly batch: number;
  /** Events a second; null: as fast as they are accepted. */
  readonly rate: number | null;
  readonly gzip: boolean;
  /** Attempts after the first, of each request. */
  readonly retries: number;
  /** PEM. */
  readonly ca?: string | undefined;
}

export interface PostTotals {
  events: number;
  requests: number;
  accepted: number;
  rejected: number;
  retries: number;
}

export interface PostDeps {
  readonly clock: Clock;
  /** After every answered request. */
  readonly onProgress: (totals: Readonly<PostTotals>) => void;
  /** A document that was refused inside an accepted batch. */
  readonly onRejected: (document: Document, reason: string) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const compress = promisify(gzip);

export async function postEvents(
  documents: AsyncIterable<Document>,
  options: PostOptions,
  deps: PostDeps,
): Promise<Readonly<PostTotals>> {
  const pool = new Pool(new URL(options.url).origin, {
    connections: 1,
    ...(options.ca !== undefined && { connect: { ca: options.ca } }),
  });
  const totals: PostTotals = { events: 0, requests: 0, accepted: 0, rejected: 0, retries: 0 };
  const startMs = deps.clock.monotonicMs();
  const send = async (batch: readonly Document[]): Promise<void> => {
    if (options.rate !== null)
      await sleep(startMs + (totals.events / options.rate) * 1000 - deps.clock.monotonicMs(), deps.clock);
    const answer = await post(pool, batch, options, totals, deps.clock);
    totals.events += batch.length;
    totals.requests += 1;
    totals.accepted += answer.accepted;
    totals.rejected += answer.rejected.length;
    for (const { index, error } of answer.rejected) deps.onRejected(batch[index] ?? batch[0]!, error);
    deps.onProgress(totals);
  };
  try {
    let batch: Document[] = [];
    for await (const document of documents) {
      batch.push(document);
      if (batch.length < options.batch) continue;
      await send(batch);
      batch = [];
    }
    if (batch.length > 0) await send(batch);
    return totals;
  } finally {
    await pool.destroy();
  }
}

interface Answer {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly error: string }[];
}

async function post(
  pool: Pool,
  batch: readonly Document[],
  options: PostOptions,
  totals: PostTotals,
  clock: Clock,
): Promise<Answer> {
  const text = batch.length === 1 ? batch[0]!.text : `[${batch.map((document) => document.text).join(",")}]`;
  const body = options.gzip ? await compress(text) : text;
  for (let attempt = 0; ; attempt++) {
    const {
      statusCode,
      headers,
      body: answered,
    } = await pool
      .request({
        method: "POST",
        path: `${new URL(options.url).pathname.replace(/\/$/, "")}/event/${encodeURIComponent(options.collector)}`,
        headers: {
          "content-type": "application/json",
          ...(options.gzip && { "content-encoding": "gzip" }),
          ...(options.token && { authorization: `Bearer ${options.token.reveal()}` }),
        },
        body,
      })
      .catch((cause: unknown) => {
        throw new AppError("unreachable", `no answer from ${options.url}: ${(cause as Error).message}`, { cause });
      });
    const answer = await answered.text();
    if (statusCode === 200) return JSON.parse(answer) as Answer;
    if (statusCode !== 503 || attempt >= options.retries)
      throw new AppError(
        "bad_input",
        `status ${statusCode} for a request of ${batch.length} events: ${detailOf(answer)}`,
      );
    totals.retries += 1;
    const backoffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
    const askedMs = Number(headers["retry-after"]) * 1000;
    await sleep(Number.isFinite(askedMs) && askedMs > 0 ? askedMs : backoffMs, clock);
  }
}

/** The detail of a problem document, else the beginning of whatever was answered. */
function detailOf(answer: string): string {
  try {
    const { detail } = JSON.parse(answer) as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // no JSON: shown as it is
  }
  return answer.slice(0, 200);
}

/** Timers of the clock do not keep the process alive; nothing else may be open while waiting here. */
async function sleep(delayMs: number, clock: Clock): Promise<void> {
  if (delayMs <= 0) return;
  const alive = setInterval(() => undefined, LONGEST_WAIT_MS);
  await new Promise<void>((resolve) => void clock.after(delayMs, resolve));
  clearInterval(alive);
}
