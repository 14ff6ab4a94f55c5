import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileSingleTree, compileTree } from "./compile-tree.ts";
import { childrenOf, type TreeNode } from "./compiled-tree.ts";
import type { SourceDocument } from "./sources.ts";

const OPTIONS = { actions: {}, regex: DEFAULT_REGEX_LIMITS };

function documents(issues: Issue[], folder: string, files: Readonly<Record<string, Json>>): SourceDocument[] {
  return Object.entries(files).map(([stem, value]) => ({
    file: `${folder}/${stem}.yaml`,
    stem,
    value,
    issues: issueSink(issues, [`${folder}/${stem}`]),
  }));
}

function compile(
  trees: Readonly<Record<string, Json>>,
  rulesets: Readonly<Record<string, Readonly<Record<string, Json>>>>,
) {
  const issues: Issue[] = [];
  const tree = compileTree(
    {
      trees: documents(issues, "trees", trees),
      rulesets: Object.fromEntries(
        Object.entries(rulesets).map(([folder, files]) => [folder, documents(issues, `rules/${folder}`, files)]),
      ),
    },
    OPTIONS,
  );
  return { tree, issues: shown(issues) };
}

function single(value: Json) {
  const issues: Issue[] = [];
  const tree = compileSingleTree({ file: "t.yaml", stem: "t", value, issues: issueSink(issues) }, OPTIONS);
  return { tree, issues: shown(issues) };
}

const shown = (issues: readonly Issue[]): string[] =>
  issues.map(({ severity, path, message, suggestion }) =>
    [
      severity === "error" ? "" : "warning: ",
      path.join("."),
      ": ",
      message,
      suggestion ? `; did you mean ${suggestion}` : "",
    ].join(""),
  );

const names = (node: TreeNode): unknown => [
  node.name,
  ...(node.type === "ruleset" ? node.rules.map((rule) => rule.name) : childrenOf(node).map(names)),
];

const rule: Json = { actions: [] };
const filter = (name: string, nodes: readonly Json[] = [], more: object = {}): Json => ({
  type: "filter",
  name,
  nodes,
  ...more,
});
const inline = (name: string, ...rules: string[]): Json => ({
  type: "ruleset",
  name,
  rules: rules.map((each) => ({ name: each, actions: [] })),
});

describe("trees", () => {
  test("without tree files every folder is a ruleset below root, in name order, rules in file order", () => {
    const { tree, issues } = compile(
      {},
      { b: { "020_x": rule, "010_y": rule }, "10": { one: rule }, a: {}, "9": { z: rule } },
    );
    expect(issues).toEqual([]);
    expect(names(tree!.root)).toEqual(["root", ["10", "one"], ["9", "z"], ["a"], ["b", "x", "y"]]);
    expect(tree!.rulePaths).toEqual(["root.10.one", "root.9.z", "root.b.x", "root.b.y"]);
  });

  test("tree files are children of root in file order; a folder used twice gives two rules", () => {
    const { tree, issues } = compile(
      {
        "10_z": filter("z", [{ type: "ruleset", name: "s", ruleset: "win" }]),
        "20_a": {
          type: "iterator",
          name: "i",
          target: "${event.payload.l}",
          nodes: [{ type: "ruleset", name: "w", ruleset: "win" }],
        },
        "30_s": inline("own", "r"),
      },
      { win: { "001_first": rule, "002_second": { ...(rule as object), active: false } } },
    );
    expect(issues).toEqual([]);
    expect(names(tree!.root)).toEqual([
      "root",
      ["z", ["s", "first", "second"]],
      ["i", ["w", "first", "second"]],
      ["own", "r"],
    ]);
    expect(tree!.rulePaths).toEqual(["root.z.s.first", "root.i.w.first", "root.own.r"]);
    expect(tree!.root).toMatchObject({
      nodes: [{ nodes: [{ path: "root.z.s", folder: "win" }] }, {}, { folder: null }],
    });
  });

  test("rules below inactive nodes are no rules that can run", () => {
    const { tree } = compile({ t: filter("f", [inline("s", "r")], { active: false }), u: inline("s2", "r") }, {});
    expect(tree!.rulePaths).toEqual(["root.s2.r"]);
  });

  test("a single tree is its own outermost node", () => {
    const { tree, issues } = single(filter("top", [inline("s", "r")]));
    expect(issues).toEqual([]);
    expect(tree!.rulePaths).toEqual(["top.s.r"]);
    expect(single(inline("s", "r")).tree!.rulePaths).toEqual(["s.r"]);
  });

  test("siblings need distinct names, nodes elsewhere do not", () => {
    expect(compile({ a: filter("x", [filter("x"), filter("y", [filter("x")])]) }, {}).issues).toEqual([]);
    expect(compile({ a: filter("x"), b: filter("x") }, {}).issues).toEqual([
      'trees/b.name: the name "x" is used by an earlier node beside it',
    ]);
    expect(compile({ a: filter("x", [filter("y"), inline("y")]) }, {}).issues).toEqual([
      'trees/a.nodes.1.name: the name "y" is used by an earlier node beside it',
    ]);
  });

  test("a ruleset that no tree uses is warned of, at its first rule", () => {
    const { tree, issues } = compile(
      { a: { type: "ruleset", name: "s", ruleset: "used" } },
      { used: { r: rule }, spare: { "1_r": rule, "2_r": rule } },
    );
    expect(tree).not.toBeNull();
    expect(issues).toEqual(['warning: rules/spare/1_r: no processing tree uses the ruleset "spare"']);
  });

  test("a mistake in a ruleset used twice is told once, as an error if it is one anywhere", () => {
    const broken = { constraint: { WHERE: { type: "regex", regex: "[a", target: "x" } }, actions: [] };
    const use = (name: string): Json => ({ type: "ruleset", name, ruleset: "r" });
    const { issues } = compile(
      {
        a: filter("off", [use("x")], { active: false }),
        b: use("y"),
        c: use("z"),
        d: filter("off2", [use("x")], { active: false }),
      },
      { r: { one: broken } },
    );
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(/^rules\/r\/one\.constraint\.WHERE\.regex: /);
  });
});

describe("mistakes", () => {
  const T = "${event.payload.l}";
  test.each<[Json, readonly string[]]>([
    [null, [": null where a node is expected"]],
    [[], [": an array where a node is expected"]],
    [{ name: "x" }, [': the key "type" is missing']],
    [{ type: "fliter", name: "x" }, ['type: unknown type of node "fliter"; did you mean filter']],
    [{ type: "filter" }, [': the key "name" is missing']],
    [filter("a.b"), ['name: "a.b" is no name of a node']],
    [filter(""), ['name: "" is no name of a node']],
    [filter("x", [], { activ: true }), ['activ: unknown key "activ"; did you mean active']],
    [filter("x", [], { filter: null }), ["filter: null where an operator is expected"]],
    [filter("x", [], { filter: { type: "equalz" } }), ['filter.type: unknown operator "equalz"; did you mean equals']],
    [filter("x", [], { nodes: {} }), ["nodes: an object where an array is expected"]],
    [{ type: "iterator", name: "i" }, [': the key "target" is missing']],
    [{ type: "iterator", name: "i", target: T, filter: {} }, ['filter: unknown key "filter"']],
    ...[
      "x${event.payload.l}",
      "plain",
      "${item}",
      "${_variables.x}",
      "${event.payload.l ?? event.payload.m}",
      "${event.payload.l | first}",
      "${'x'}",
    ].map((target): [Json, string[]] => [
      { type: "iterator", name: "i", target },
      [`target: ${JSON.stringify(target)} is not a simple accessor`],
    ]),
    [
      { type: "iterator", name: "i", target: "${evnt.l}" },
      ['target: unknown root "evnt" in ${evnt.l}; did you mean event'],
    ],
    [
      { type: "iterator", name: "i", target: T, nodes: [filter("f", [{ type: "iterator", name: "j", target: T }])] },
      ["nodes.0.nodes.0: an iterator inside the iterator i"],
    ],
    [{ type: "ruleset", name: "r" }, [": the rules are missing"]],
    [
      { type: "ruleset", name: "r", rules: [], ruleset: "x" },
      [": ruleset and rules exclude each other", "ruleset: a single tree has no folder of rules"],
    ],
    [{ type: "ruleset", name: "r", rules: [], active: true }, ['active: unknown key "active"']],
    [{ type: "ruleset", name: "r", rules: [{ actions: [] }] }, ['rules.0: the key "name" is missing']],
    [
      filter("a b", [filter("c d", [{ type: "ruleset", name: "e f", rules: [{ name: "g h", actions: [] }] }])], {
        filter: { type: "x" },
      }),
      [
        'name: "a b" is no name of a node',
        'filter.type: unknown operator "x"',
        'nodes.0.name: "c d" is no name of a node',
        'nodes.0.nodes.0.name: "e f" is no name of a node',
        'nodes.0.nodes.0.rules.0.name: "g h" is no name of a rule',
      ],
    ],
  ])("%j", (document, expected) => {
    const { tree, issues } = single(document);
    expect(tree).toBeNull();
    expect(issues).toEqual(expected);
  });

  test("an unknown folder", () => {
    expect(compile({ a: { type: "ruleset", name: "r", ruleset: "windws" } }, { windows: { r: rule } }).issues).toEqual([
      'trees/a.ruleset: rules/ has no folder "windws"; did you mean windows',
      'warning: rules/windows/r: no processing tree uses the ruleset "windows"',
    ]);
  });

  test("a folder that is no name, where folders are nodes", () => {
    expect(compile({}, { "a-b": { r: rule } }).issues).toEqual(['rules/a-b/r: "a-b" is no name of a ruleset']);
  });

  /** tornado.md 2.4, 16.21 */
  test.each<[string, Json, readonly string[]]>([
    [
      "its own operator",
      filter("x", [], { active: false, filter: { type: "regex", regex: "[", target: "x" } }),
      ["error"],
    ],
    ["its own target", { type: "iterator", name: "x", active: false, target: "x" }, ["error"]],
    [
      "an operator below",
      filter("x", [filter("y", [], { filter: { type: "regex", regex: "[", target: "x" } })], { active: false }),
      ["warning"],
    ],
    [
      "a rule below",
      filter("x", [{ type: "ruleset", name: "y", rules: [{ name: "r", actions: [{ id: "nowhere", payload: {} }] }] }], {
        active: false,
      }),
      ["warning"],
    ],
    ["the name of a node below", filter("x", [filter("a b")], { active: false }), ["error"]],
    ["the name of a rule below", filter("x", [inline("y", "a b")], { active: false }), ["error"]],
    [
      "a nested iterator below",
      { type: "iterator", name: "x", active: false, target: T, nodes: [{ type: "iterator", name: "y", target: T }] },
      ["error"],
    ],
  ])("of an inactive node: %s", (_what, document, severities) => {
    expect(single(document).issues.map((text) => (text.startsWith("warning") ? "warning" : "error"))).toEqual(
      severities,
    );
  });

  test("rules in a tree may share a name with an inactive one", () => {
    const rules = [
      { name: "r", actions: [] },
      { name: "r", active: false, actions: [] },
    ];
    const { tree, issues } = single({ type: "ruleset", name: "s", rules });
    expect(tree).not.toBeNull();
    expect(issues).toEqual(['warning: rules.1.name: the name "r" is used by an earlier rule of this ruleset']);
  });
});
