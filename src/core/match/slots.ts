/** One slot for each distinct path, expression and text of a tree, however many rules name it. */
import { isArray, type Json } from "../json.ts";
import { readPath, type Path, type Step } from "../path.ts";
import type { Expression } from "../template/expression.ts";
import type { Template } from "../template/template.ts";
import { textOf } from "../template/text.ts";
import { memberGetter, Slot, type MatchState, type Turn } from "./slot.ts";

/** A filter node has no variables: there they are missing, like every unknown root. */
export type Place = "filter" | "rule";

export interface Slots {
  readonly state: MatchState;
  /** Of a template that is no constant. */
  ofTemplate(template: Template, place: Place): Slot;
}

export function createSlots(state: MatchState): Slots {
  const { eventTurn, elementTurn, variablesTurn } = state;
  const known = new Map<string, Slot>();
  const slot = (key: string, name: string, turn: Turn, load: () => Json | undefined): Slot => {
    const found = known.get(key);
    if (found) return found;
    const made = new Slot(known.size, name, turn, load);
    known.set(key, made);
    state.remember(made);
    return made;
  };
  const missing = slot("missing", "nothing", eventTurn, () => undefined);
  const event = slot("event", "event", elementTurn, () => state.ruleScope.event);
  const variables = slot("variables", "_variables", variablesTurn, () => state.ruleScope._variables);

  const step = (parent: Slot, next: Step): Slot => {
    const turn = parent === event && next !== "iterator" ? eventTurn : parent.turn;
    const last = typeof next === "number" ? `[${next}]` : `.${next}`;
    const [key, name] = [`${parent.id}${last}`, `${parent.name}${last}`];
    if (parent === event && next === "payload") return slot(key, name, turn, () => state.ruleScope.event["payload"]);
    if (typeof next === "string") {
      const member = slot(key, name, turn, memberGetter(parent, next));
      parent.addMember(next, member);
      return member;
    }
    return slot(key, name, turn, () => {
      const array = parent.read();
      return isArray(array) ? array[next] : undefined;
    });
  };

  const ofPath = (path: Path, place: Place): Slot => {
    if (path.root === "event" && path.steps.length === 0)
      return slot("whole event", "event", elementTurn, () => readPath(path, state.filterScope));
    if (path.root === "event") return path.steps.reduce(step, event);
    return path.root === "_variables" && place === "rule" ? path.steps.reduce(step, variables) : missing;
  };

  const ofExpression = (expression: Expression, place: Place): Slot => {
    const { first, steps } = expression;
    const parts = [first, ...steps].map((part) => {
      if (part.kind === "filter") return { ...part, slot: missing };
      const operand = part.kind === "default" ? part.operand : part;
      return operand.kind === "path" ? { kind: "path" as const, slot: ofPath(operand.path, place) } : operand;
    });
    const [start, ...rest] = parts;
    if (rest.length === 0 && start?.kind === "path") return start.slot;
    const turn = latest(parts.flatMap((part) => (part.kind === "path" ? [part.slot] : [])));
    return slot(`${place} ${expression.source}`, expression.source, turn, () => {
      let value: Json | undefined;
      for (const part of parts) {
        if (part.kind === "filter") value = value === undefined ? undefined : part.apply(value);
        else if (value === undefined || value === null) value = part.kind === "path" ? part.slot.read() : part.value;
      }
      return value;
    });
  };

  const latest = (slots: readonly Slot[]): Turn =>
    [variablesTurn, elementTurn].find((turn) => slots.some((one) => one.turn === turn)) ?? eventTurn;

  return {
    state,
    ofTemplate({ source, parts }, place) {
      const read = parts.map((part) => (typeof part === "string" ? part : ofExpression(part, place)));
      const [only] = read;
      if (read.length === 1 && only instanceof Slot) return only;
      const turn = latest(read.filter((part) => part instanceof Slot));
      return slot(`${place} text ${source}`, JSON.stringify(source), turn, () => {
        let text = "";
        for (const part of read) {
          const piece = typeof part === "string" ? part : textOf(part.read());
          if (piece === undefined) return undefined;
          text += piece;
        }
        return text;
      });
    },
  };
}
