import { parseJson, type Json } from "../../../src/core/json.ts";
import { compileMatcher } from "../../../src/core/match/compile.ts";
import type { Matcher } from "../../../src/core/match/matcher.ts";
import { compileRegex } from "../../../src/core/regex/compile-regex.ts";
import { DEFAULT_REGEX_LIMITS } from "../../../src/core/regex/regex.ts";
import { median, WARM_UP, type Figure, type Gate } from "../gate.ts";
import { matchWorkloads, treeOf, type BenchRule, type SigmaWorkload, type Workload, type Workloads } from "../match-workload.ts";

const FLOOR = "JSON.parse of the same events";
const CHUNK = 64;
/** Documents of a pass at least: fewer are gone through several times. */
const LEAST_DOCUMENTS = 1400;

/** CPU of matching against CPU of parsing the same documents; hits are those that the workload must give. */
export const match: Gate = {
  name: "match",
  async run({ quick, data }) {
    const rounds = quick ? 15 : 25;
    const workloads = matchWorkloads(data);
    return [
      ...sparseFigures(workloads, rounds),
      ...denseFigures(workloads, rounds),
      ...sigmaFigures(workloads, rounds),
      compileFigure(workloads),
      integersFigure(workloads, rounds),
      regexFigure(workloads),
    ];
  },
};

function sparseFigures({ sparse, origin }: Workloads, rounds: number): readonly Figure[] {
  const base = sparse[10_000];
  // By itself, as a process has one set of rules: many in turn push each other out of the processor's memory.
  const { middle } = measure({ middle: subjectOf(sparse[1000]) }, rounds);
  const { alone } = measure({ alone: subjectOf(base) }, rounds);
  const subjects = {
    small: subjectOf(sparse[100]),
    large: subjectOf(base),
    renamed: subjectOf(renamed(base)),
    shuffled: subjectOf({ ...base, rules: shuffled(base.rules) }),
    last: subjectOf({ ...base, rules: base.rules.map(selectiveLast) }),
  };
  const { small, large, renamed: other, shuffled: mixed, last } = measure(subjects, rounds);
  const against = (gate: string, cost: Cost): Figure => ({
    gate: `match, 10,000 rules, ${gate}`,
    floor: "the same rules as they were",
    value: (100 * cost.matchUs) / large.matchUs,
    unit: "%",
    atMost: 120,
    detail: `${micros(cost)}; ${origin}`,
  });
  return [
    share("match, 1,000 rules with selective keys", middle, origin, 10),
    share("match, 10,000 rules with selective keys", alone, origin, 15),
    {
      gate: "match, growth from 100 rules to 10,000",
      floor: "100 rules",
      value: large.matchUs / small.matchUs,
      unit: "x",
      atMost: 10,
      detail: `${micros(small)} with 100, ${micros(large)} with 10,000; ${origin}`,
    },
    against("fields renamed", other),
    against("shuffled", mixed),
    against("selective key written last", last),
  ];
}

function denseFigures({ dense, origin }: Workloads, rounds: number): readonly Figure[] {
  const { cost } = measure({ cost: subjectOf(dense) }, rounds);
  return [share("match, 1,000 rules that share every key", cost, origin, 250, 120)];
}

function sigmaFigures({ sigma, origin }: Workloads, rounds: number): readonly Figure[] {
  if (sigma === null) return [];
  const matcher = compileMatcher(treeOf(sigma.all.rules));
  checkPairs(matcher, sigma.all);
  const subjects = { all: { ...sigma.all, matcher }, creation: { ...sigma.processCreation, matcher } };
  const { all, creation } = measure(subjects, rounds);
  const rules = sigma.all.rules.length;
  return [
    share(`match, ${rules} Sigma rules, ${sigma.all.docs.length} documents`, all, origin, 100, 50),
    share(`match, the same on ${sigma.processCreation.docs.length} process creations`, creation, origin, 400, 200),
  ];
}

const share = (gate: string, cost: Cost, origin: string, atMost: number, aim?: number): Figure => ({
  gate,
  floor: FLOOR,
  value: cost.percent,
  unit: "%",
  atMost,
  ...(aim === undefined ? {} : { aim }),
  detail: `${micros(cost)}; ${origin}`,
});

const micros = ({ matchUs, parseUs }: Cost): string => `${matchUs.toFixed(2)} µs, JSON.parse ${parseUs.toFixed(2)} µs an event`;

interface Subject extends Workload {
  readonly matcher: Matcher;
}

interface Cost {
  /** Medians of CPU per document. */
  readonly matchUs: number;
  readonly parseUs: number;
  /** Median of the rounds' ratios. */
  readonly percent: number;
}

const subjectOf = (workload: Workload): Subject => ({ ...workload, matcher: compileMatcher(treeOf(workload.rules)) });

function measure<K extends string>(subjects: Readonly<Record<K, Subject>>, rounds: number): Record<K, Cost> {
  const names = Object.keys(subjects) as K[];
  const passes = new Map<K, { match: number; parse: number }[]>(names.map((name) => [name, []]));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const name of names) {
      const one = pass(subjects[name]);
      if (round >= 0) passes.get(name)!.push(one);
    }
  }
  const costs = names.map((name): [K, Cost] => {
    const all = passes.get(name)!;
    return [
      name,
      {
        matchUs: median(all.map((one) => one.match)),
        parseUs: median(all.map((one) => one.parse)),
        percent: 100 * median(all.map((one) => one.match / one.parse)),
      },
    ];
  });
  return Object.fromEntries(costs) as Record<K, Cost>;
}

/** CPU microseconds per document, of parsing and of matching; both are done for a few documents at a time. */
function pass({ docs, matcher, hits }: Subject): { readonly match: number; readonly parse: number } {
  const times = Math.ceil(LEAST_DOCUMENTS / docs.length);
  let parse = 0;
  let matching = 0;
  let found = 0;
  for (let time = 0; time < times; time++) {
    for (let start = 0; start < docs.length; start += CHUNK) {
      const texts = docs.slice(start, start + CHUNK);
      const begin = cpuUs();
      const payloads = texts.map((text) => JSON.parse(text) as Payload);
      const parsed = cpuUs();
      const events = payloads.map(eventOf);
      const ready = cpuUs();
      for (const event of events) found += matcher.match(event).length;
      matching += cpuUs() - ready;
      parse += parsed - begin;
    }
  }
  if (found !== hits * times) throw new Error(`${found / times} hits in ${docs.length} documents; ${hits} are right`);
  return { match: matching / docs.length / times, parse: parse / docs.length / times };
}

type Payload = Parameters<Matcher["match"]>[0]["payload"];

const eventOf = (payload: Payload): Parameters<Matcher["match"]>[0] => ({
  id: "e",
  type: "eventlog",
  created_ms: 0,
  payload,
  metadata: {},
  trace_id: null,
});

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function checkPairs(matcher: Matcher, { docs, expected }: SigmaWorkload): void {
  for (const [at, doc] of docs.entries()) {
    const names = matcher.match(eventOf(JSON.parse(doc) as Payload)).map(({ path }) => path.slice("rs.".length));
    if (names.sort().join() !== expected[at]!.toSorted().join())
      throw new Error(`document ${at} matches ${names.join() || "nothing"}; ${expected[at]!.join() || "nothing"} is right`);
  }
}

/** Fields under names of which none keeps its place in an order. */
function renamed({ docs, rules, hits }: Workload): Workload {
  const name = (field: string): string => `${"zqmbx"[field.length % 5]}_${field}`;
  const inRules = (value: Json): Json =>
    JSON.parse(JSON.stringify(value).replace(/\$\{event\.payload\.(\w+)\}/g, (_, field: string) => `\${event.payload.${name(field)}}`)) as Json;
  return {
    docs: docs.map((doc) => {
      const entries = Object.entries(JSON.parse(doc) as object);
      return JSON.stringify(Object.fromEntries(entries.map(([field, value]) => [name(field), value as unknown])));
    }),
    rules: rules.map((rule) => ({ ...rule, WHERE: inRules(rule.WHERE) })),
    hits,
  };
}

/** Always the same other order. */
function shuffled<T>(list: readonly T[]): readonly T[] {
  const step = 7919; // prime, and no divisor of the lengths used
  return list.map((_, at) => list[(at * step) % list.length]!);
}

function selectiveLast({ name, WHERE }: BenchRule): BenchRule {
  const { operators } = WHERE as { readonly operators: readonly Json[] }; // each rule of the workload is an AND
  return { name, WHERE: { type: "AND", operators: [...operators].reverse() } };
}

function compileFigure({ sparse, origin }: Workloads): Figure {
  const { rules } = sparse[10_000];
  const times = Array.from({ length: 5 }, () => {
    const begin = cpuUs();
    const tree = treeOf(rules);
    const loaded = cpuUs();
    compileMatcher(tree);
    return { tree: (loaded - begin) / 1e6, matcher: (cpuUs() - loaded) / 1e6 };
  });
  const [tree, matcher] = [median(times.map((one) => one.tree)), median(times.map((one) => one.matcher))];
  return {
    gate: "compile 10,000 rules",
    floor: "–",
    value: tree + matcher,
    unit: "s",
    atMost: 1.5,
    detail: `CPU; rules ${tree.toFixed(2)} s, index ${matcher.toFixed(2)} s; ${origin}`,
  };
}

/** Documents that hold one integer beyond 2^53. */
function integersFigure({ sparse, origin }: Workloads, rounds: number): Figure {
  const docs = sparse[100].docs.slice(0, 2000).map((doc) => `{"big":9007199254740993,${doc.slice(1)}`);
  const ratios: number[] = [];
  for (let round = -WARM_UP; round < rounds; round++) {
    let [plain, exact] = [0, 0];
    for (let start = 0; start < docs.length; start += CHUNK) {
      const texts = docs.slice(start, start + CHUNK);
      const begin = cpuUs();
      texts.map((text) => JSON.parse(text) as unknown);
      const parsed = cpuUs();
      const values = texts.map((text) => parseJson(text));
      exact += cpuUs() - parsed;
      plain += parsed - begin;
      if (!values.every((one) => one.ok && (one.value as { big?: Json }).big === 9007199254740993n)) throw new Error("an integer is not exact");
    }
    if (round >= 0) ratios.push(exact / plain);
  }
  return { gate: "exact integers, where one is beyond 2^53", floor: FLOOR, value: median(ratios), unit: "x", atMost: 6, detail: origin };
}

const HOSTILE_PATTERNS = ["(a+)+$", "(a|a)*b", "(.*a){12}", "(\\w+\\s?)+\\d$", ".*.*.*=.*", "([a-z]+)*\\d", "(x+x+)+y", "(?i)(a|b|ab)*c", "^(\\d+|a)*!$", "(\\s*a\\s*)*b", "a{0,500}b"];
const HOSTILE_LENGTH = 5 * 1024;

/** The slowest of the patterns above and all of Sigma's, on texts that make a search that goes back go back. */
function regexFigure({ sigma }: Workloads): Figure {
  const patterns = new Set([...HOSTILE_PATTERNS, ...(sigma === null ? [] : sigma.all.rules.flatMap(({ WHERE }) => patternsIn(WHERE)))]);
  const texts = ["a", "ab", "x", " a", "1", "\\", "A=", "-e ", "é"].map((piece) => piece.repeat(HOSTILE_LENGTH / piece.length));
  let worst = { ms: 0, source: "" };
  let accepted = 0;
  for (const source of patterns) {
    const compiled = compileRegex(source, DEFAULT_REGEX_LIMITS);
    if (!compiled.ok) continue;
    accepted++;
    const regex = compiled.value;
    for (const text of texts) {
      const best = Math.max(bestOf(() => regex.test(text)), bestOf(() => regex.first(text)));
      if (best > worst.ms) worst = { ms: best, source };
    }
  }
  return {
    gate: "any accepted regex on a hostile value of 5 KB",
    floor: "–",
    value: worst.ms,
    unit: "ms",
    atMost: 50,
    detail: `CPU; slowest of ${accepted} patterns: ${worst.source.slice(0, 40).replaceAll("|", "\\|")}`,
  };
}

function msOf(work: () => unknown): number {
  const begin = cpuUs();
  work();
  return (cpuUs() - begin) / 1000;
}

function patternsIn(operator: Json): readonly string[] {
  if (typeof operator !== "object" || operator === null) return [];
  const inner = Object.values(operator as Readonly<Record<string, Json>>).flatMap(patternsIn);
  const { regex } = operator as { readonly regex?: Json };
  return typeof regex === "string" ? [regex, ...inner] : inner;
}

/** The first search pays for making the program. */
const bestOf = (work: () => unknown): number => Math.min(...[1, 2, 3].map(() => msOf(work)));
