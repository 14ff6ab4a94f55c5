/**
 * Files of events: NDJSON (one value a line), or JSON (one value, an array of them meaning several events), told apart
 * by the first line that holds anything. Documents come out as compact text with every digit as it came in.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { AppError } from "../component/app-error.ts";
import { isArray, type Json, parseJson, printJson } from "../core/json.ts";

export interface Document {
  readonly text: string;
  /** Counted from 1; of a JSON file: 1. */
  readonly line: number;
}

export async function* readDocuments(input: Readable, name: string): AsyncGenerator<Document> {
  const lines = createInterface({ input, crlfDelay: Infinity });
  let line = 0;
  let whole: string[] | null = null;
  let first = true;
  for await (const raw of lines) {
    line += 1;
    const text = line === 1 ? raw.replace(/^\uFEFF/, "") : raw;
    if (whole) whole.push(text);
    else if (text.trim() !== "") {
      const parsed = parseJson(text);
      if (parsed.ok) yield* documentsOf(parsed.value, line);
      else if (first) whole = [text];
      else throw new AppError("bad_input", `${name}, line ${line}: ${parsed.error.message}`);
      first = false;
    }
  }
  if (!whole) return;
  const parsed = parseJson(whole.join("\n"));
  if (!parsed.ok) throw new AppError("bad_input", `${name} is neither NDJSON nor JSON: ${parsed.error.message}`);
  yield* documentsOf(parsed.value, 1);
}

function* documentsOf(value: Json, line: number): Generator<Document> {
  if (!isArray(value)) yield { text: printJson(value), line };
  else for (const element of value) yield { text: printJson(element), line };
}
