/**
 * Values read at most once. A slot stands for one thing that conditions look at (a path, an expression, a text) and keeps
 * its value for as long as that cannot change: while the event is the same, or the element of the iterator, or the variables
 * of the ruleset. A turn numbers these periods; a remembered value holds while its stamp is the turn's number.
 */
import { isObject, type Json, type JsonObject } from "../json.ts";
import type { Scope } from "../path.ts";

export interface Turn {
  now: number;
}

/** Whose stamps must be cleared before numbers of turns are used again. */
export interface Remembering {
  forget(): void;
}

/** Numbers stay small integers, which are stored without allocation. */
const LARGEST_TURN = 2 ** 30;

export const NO_VARIABLES: JsonObject = Object.freeze({});

/** What is being matched right now. */
export class MatchState {
  readonly eventTurn: Turn = { now: 0 };
  /** Changes with the event and with each element of an iterator. */
  readonly elementTurn: Turn = { now: 0 };
  /** Changes with these and whenever a rule adds its variables. */
  readonly variablesTurn: Turn = { now: 0 };
  readonly filterScope: { event: JsonObject } & Scope = { event: {} };
  readonly ruleScope: { event: JsonObject; _variables: JsonObject } & Scope = { event: {}, _variables: NO_VARIABLES };
  /** Of the iterator above. */
  iteration: number | string | null = null;
  #last = 0;
  readonly #remembering: Remembering[] = [];

  /** Calls `forget` in time. */
  remember(one: Remembering): void {
    this.#remembering.push(one);
  }

  enterEvent(event: JsonObject): void {
    if (this.#last > LARGEST_TURN) {
      for (const one of this.#remembering) one.forget();
      this.#last = 0;
    }
    this.eventTurn.now = this.#last + 1;
    this.enterElement(event, null);
  }

  enterElement(event: JsonObject, iteration: number | string | null): void {
    this.filterScope.event = event;
    this.ruleScope.event = event;
    this.iteration = iteration;
    this.elementTurn.now = this.#last + 1;
    this.setVariables(NO_VARIABLES);
  }

  setVariables(variables: JsonObject): void {
    this.ruleScope._variables = variables;
    this.variablesTurn.now = ++this.#last;
  }
}

export class Slot implements Remembering {
  /** Smaller for slots made earlier. */
  readonly id: number;
  readonly turn: Turn;
  readonly #load: () => Json | undefined;
  #stamp = 0;
  #value: Json | undefined;
  #lowerStamp = 0;
  #lower: string | undefined;

  constructor(id: number, turn: Turn, load: () => Json | undefined) {
    this.id = id;
    this.turn = turn;
    this.#load = load;
  }

  /** Undefined: missing. */
  read(): Json | undefined {
    const { now } = this.turn;
    if (this.#stamp !== now) {
      this.#value = this.#load();
      this.#stamp = now;
    }
    return this.#value;
  }

  /** A string in Unicode lower case; undefined for anything else. */
  lower(): string | undefined {
    const { now } = this.turn;
    if (this.#lowerStamp !== now) {
      const value = this.read();
      this.#lower = typeof value === "string" ? value.toLowerCase() : undefined;
      this.#lowerStamp = now;
    }
    return this.#lower;
  }

  forget(): void {
    this.#stamp = 0;
    this.#lowerStamp = 0;
  }
}

/** The member of a value; inherited names (`constructor`) are not members. */
export function memberGetter(parent: Slot, key: string): () => Json | undefined {
  if (key in Object.prototype)
    return () => {
      const object = parent.read();
      return isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
    };
  return () => {
    const object = parent.read();
    return isObject(object) ? object[key] : undefined;
  };
}
