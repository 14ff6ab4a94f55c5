/**
 * An explanation as a tree for people:
 *
 *     ✓ filter root
 *     ├─ ✗ filter windows
 *     │  └─ ✗ equals: first ${event.type} = "syslog", second "eventlog"
 *     └─ ✓ ruleset all
 *
 * ✓ true or went on, ✗ false or failed, ! matched only partially, · was not asked.
 */
import type {
  ExplainedAction,
  ExplainedNode,
  ExplainedOperator,
  ExplainedRule,
  ExplainedVariable,
} from "../core/match/explanation.ts";
import { explainedValueText, operatorText, valueText } from "../core/match/explanation-text.ts";
import type { Paint } from "./paint.ts";
import { visible } from "./print-table.ts";

export function drawExplanation(node: ExplainedNode, paint: Paint): string {
  const lines: string[] = [];
  const draw = ({ mark, text, branches }: Branch, first: string, rest: string): void => {
    lines.push(`${paint("dim", first)}${lineOf(mark, visible(text), paint)}`);
    for (const [at, branch] of branches.entries()) {
      const last = at === branches.length - 1;
      draw(branch, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`);
    }
  };
  draw(branchOf(node), "", "");
  return `${lines.join("\n")}\n`;
}

function lineOf(mark: Mark, text: string, paint: Paint): string {
  if (mark === "none") return text;
  if (mark === "not-asked") return paint("dim", `${MARKS[mark]} ${text}`);
  return `${paint(STYLES[mark], MARKS[mark])} ${text}`;
}

type Mark = "true" | "false" | "partial" | "not-asked" | "none";

const MARKS = { true: "✓", false: "✗", partial: "!", "not-asked": "·" } as const;
const STYLES = { true: "good", false: "bad", partial: "warned" } as const;

interface Branch {
  readonly mark: Mark;
  readonly text: string;
  readonly branches: readonly Branch[];
}

/** Of an array that is gone through; the JSON has all. */
const MOST_BRANCHES = 50;

function branchOf(node: ExplainedNode): Branch {
  const text = `${node.type} ${node.name}`;
  if (node.type === "ruleset") return { mark: "none", text, branches: node.rules.map(ruleBranch) };
  if (node.status === "inactive") return { mark: "not-asked", text: `${text}: inactive`, branches: [] };
  const mark = node.status === "matched" ? "true" : "false";
  if (node.type === "filter")
    return { mark, text, branches: [...operatorBranches(node.filter), ...node.nodes.map(branchOf)] };
  const problems = { matched: "", accessor_error: "", type_error: ", which is no array or object" };
  return {
    mark,
    text: `${text}: ${explainedValueText(node.target)}${problems[node.status]}`,
    branches: shortened(
      node.iterations.map(({ iteration, nodes }) => ({
        mark: "none",
        text: `element ${typeof iteration === "string" ? JSON.stringify(iteration) : iteration}`,
        branches: nodes.map(branchOf),
      })),
    ),
  };
}

function ruleBranch(rule: ExplainedRule): Branch {
  const { name, status, message, stoppedBy, where, variables, actions } = rule;
  const more = message ?? (stoppedBy === undefined ? "" : `${stoppedBy} matched and has continue: false`);
  return {
    mark: RULE_MARKS[status],
    text: `rule ${name}: ${status.replace("_", " ")}${more && `: ${more}`}`,
    branches: [...operatorBranches(where), ...variables.map(variableBranch), ...actions.map(actionBranch)],
  };
}

const RULE_MARKS: Readonly<Record<ExplainedRule["status"], Mark>> = {
  matched: "true",
  partially_matched: "partial",
  not_matched: "false",
  not_processed: "not-asked",
  inactive: "not-asked",
};

function variableBranch({ name, from, value, error }: ExplainedVariable): Branch {
  const outcome = value === undefined ? `: ${error ?? ""}` : ` → ${valueText(value)}`;
  const said = from.missing ? "" : ` from ${explainedValueText(from)}`;
  return { mark: value === undefined ? "false" : "true", text: `variable ${name}${said}${outcome}`, branches: [] };
}

function actionBranch({ id, foreach, status, when, payload, error }: ExplainedAction): Branch {
  const outcome = payload === undefined ? (error ?? "left out by its when") : valueText(payload);
  const mark = status === "rendered" ? "true" : status === "left_out" ? "not-asked" : "false";
  const place = foreach && foreach.length > 0 ? ` for element ${foreach.join(".")}` : "";
  return { mark, text: `action ${id}${place}: ${outcome}`, branches: operatorBranches(when) };
}

function operatorBranches(operator: ExplainedOperator | null): readonly Branch[] {
  if (operator === null) return [];
  const branches = shortened(operator.operators.flatMap(operatorBranches));
  return [{ mark: operator.result ? "true" : "false", text: operatorText(operator), branches }];
}

function shortened(branches: readonly Branch[]): readonly Branch[] {
  if (branches.length <= MOST_BRANCHES) return branches;
  const rest = { mark: "none", text: `… and ${branches.length - MOST_BRANCHES} more`, branches: [] } as const;
  return [...branches.slice(0, MOST_BRANCHES), rest];
}
