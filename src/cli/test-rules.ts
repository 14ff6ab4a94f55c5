import { relative, resolve } from "node:path";
import type { Host } from "../app/host.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { type JsonObject, printJson } from "../core/json.ts";
import type { TestVerdict } from "../core/match/judge-test.ts";
import type { Rule } from "../core/rule/rule.ts";
import type { RuleTest } from "../core/rule/rule-test.ts";
import type { TestEvent } from "../core/rule/test-event.ts";
import type { CompiledTree, TreeNode } from "../core/tree/compiled-tree.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import { type Paint, painter } from "./paint.ts";
import { visible } from "./print-table.ts";

interface TestOptions {
  readonly configDir: string;
  readonly json: boolean;
}

export const addTest: AddCommand = (program, { host, end }) => {
  program
    .command("test")
    .summary("run the tests: of the rules")
    .description(
      "Sends the event of each test through the whole tree and compares what the test's rule makes of it with what is expected.",
    )
    .argument("[rules...]", "paths of rules, or of nodes above them; all when none is given")
    .option("--config-dir <dir>", "the folder that holds config/ collectors/ processing-trees/ rules/", ".")
    .option("--json", "print the results as JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (paths: string[], options: TestOptions) => end(await testRules(paths, options, host)));
};

/** One test with what came of it. */
type TestResult = { readonly rule: string; readonly name: string } & (Ran | typeof SKIPPED);

type Ran =
  | { readonly result: "passed" | "failed"; readonly verdict: TestVerdict }
  /** The file of its event has errors. */
  | { readonly result: "failed"; readonly problems: readonly Diagnostic[] };

const SKIPPED = { result: "skipped" } as const;

async function testRules(paths: readonly string[], options: TestOptions, host: Host): Promise<number> {
  const [{ loadPlan }, { judgeTest }, { printDiagnostics }] = await Promise.all([
    import("./load-plan.ts"),
    import("../core/match/judge-test.ts"),
    import("../config/print-diagnostics.ts"),
  ]);
  const plan = await loadPlan({ configDir: options.configDir, set: [] }, host);
  if (!plan) return EXIT.cannotRun;
  const chosen = await choose(rulesBelow(plan.tree.root), paths, host);
  if (chosen === null) return EXIT.cannotRun;

  const dir = resolve(host.cwd, options.configDir);
  const active = new Set(plan.tree.rulePaths);
  const paint = painter(host);
  const print = (one: TestResult): string =>
    printResult(one, paint, (problems) => printDiagnostics(problems, { dir, colour: false }));
  const results: TestResult[] = [];
  for (const rule of chosen)
    for (const test of rule.tests) {
      const base = { rule: rule.path, name: test.name };
      const ran = active.has(rule.path) ? await run(plan.tree, rule, test, dir, judgeTest) : SKIPPED;
      const one: TestResult = { ...base, ...ran };
      results.push(one);
      if (!options.json) host.out(print(one));
    }
  const count = (result: TestResult["result"]): number => results.filter((one) => one.result === result).length;
  const counts = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  if (options.json) host.out(`${printJson({ ...counts, tests: results.map(asJson) })}\n`);
  else host.out(`${printCounts(counts)}\n`);
  return counts.failed > 0 ? EXIT.failed : EXIT.ok;
}

const rulesBelow = (node: TreeNode): readonly Rule[] =>
  node.type === "ruleset" ? node.rules : node.nodes.flatMap(rulesBelow);

/** Null: one of the paths leads to no rule, which was said. */
async function choose(rules: readonly Rule[], paths: readonly string[], host: Host): Promise<readonly Rule[] | null> {
  if (paths.length === 0) return rules;
  const { suggest } = await import("../core/suggest.ts");
  const leadsTo = (path: string, rule: Rule): boolean => rule.path === path || rule.path.startsWith(`${path}.`);
  const unknown = paths.find((path) => !rules.some((rule) => leadsTo(path, rule)));
  if (unknown === undefined) return rules.filter((rule) => paths.some((path) => leadsTo(path, rule)));
  const suggestion = suggest(
    unknown,
    rules.map(({ path }) => path),
  );
  const near = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
  host.err(
    `squall: there is no rule ${JSON.stringify(unknown)}; accepted: node names from the outermost to the rule's, joined by dots${near}\n`,
  );
  return null;
}

async function run(
  tree: CompiledTree,
  { path }: Rule,
  { event: source, expected }: RuleTest,
  dir: string,
  judge: (tree: CompiledTree, rulePath: string, event: TestEvent, expected: RuleTest["expected"]) => TestVerdict,
): Promise<Ran> {
  const read = "file" in source ? await readEventFile(dir, source.file) : { event: source, problems: [] };
  if (read.event === null) return { result: "failed", problems: read.problems };
  const verdict = judge(tree, path, read.event, expected);
  return { result: verdict.differences.length === 0 ? "passed" : "failed", verdict };
}

/** The path of the file starts at the configuration folder. */
async function readEventFile(
  dir: string,
  file: string,
): Promise<{ readonly event: TestEvent | null; readonly problems: readonly Diagnostic[] }> {
  const [{ readDocument }, { readTestEvent }] = await Promise.all([
    import("../config/document/read-folder.ts"),
    import("../core/rule/test-event.ts"),
  ]);
  const document = readDocument(dir, relative(dir, resolve(dir, file)));
  const event = document.value === undefined ? null : readTestEvent(document.value, document.issues);
  const problems = document.diagnostics();
  return { event: problems.some(({ severity }) => severity === "error") ? null : event, problems };
}

function printResult(
  one: TestResult,
  paint: Paint,
  printProblems: (problems: readonly Diagnostic[]) => string,
): string {
  const title = visible(`${one.rule}: ${one.name}`);
  if (one.result === "skipped") return `${paint("warned", "skip")} ${title} (the rule is inactive)\n`;
  if (one.result === "passed") return `${paint("good", "ok")}   ${title}\n`;
  const lines = [`${paint("bad", "FAIL")} ${title}`];
  if ("problems" in one) lines.push(...printProblems(one.problems).trimEnd().split("\n"));
  else {
    const { reason, status, differences } = one.verdict;
    if (reason !== undefined) lines.push(visible(`${status}: ${reason}`));
    for (const { path, expected, found } of differences)
      lines.push(
        visible(path),
        `  expected ${paint("good", visible(printJson(expected)))}`,
        `  found    ${paint("bad", found === undefined ? "nothing" : visible(printJson(found)))}`,
      );
  }
  return `${lines.join("\n     ")}\n`;
}

function printCounts({ passed, failed, skipped }: Readonly<Record<"passed" | "failed" | "skipped", number>>): string {
  if (passed + failed + skipped === 0) return "no tests";
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function asJson(one: TestResult): JsonObject {
  const { rule, name, result } = one;
  if (!("verdict" in one)) {
    // A diagnostic is JSON by its own declaration; an interface has no index signature.
    const problems = "problems" in one ? { problems: one.problems as unknown as readonly JsonObject[] } : {};
    return { rule, name, result, ...problems };
  }
  const { status, reason, differences } = one.verdict;
  return {
    rule,
    name,
    result,
    status,
    ...(reason !== undefined && { reason }),
    differences: differences.map(({ path, expected, found }) => ({
      path,
      expected,
      ...(found !== undefined && { found }),
    })),
  };
}
