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
  // What every reading needs stands first, in one line of the processor's memory.
  readonly turn: Turn;
  #stamp = 0;
  #value: Json | undefined;
  readonly #load: () => Json | undefined;
  #parent: Slot | null = null;
  #lowerStamp = 0;
  #lower: string | undefined;
  /** The slots of its members of the same turn, by key; null: there are none. */
  #members: Map<string, Slot> | null = null;
  /** The keys of the object gone over last, by position, and their slots: the next one mostly has the same there. */
  #lastKeys: string[] | null = null;
  #lastMembers: (Slot | undefined)[] | null = null;
  readonly id: number;
  /** For people. */
  readonly name: string;
  /** When its members were last gone over; and to the end. */
  #membersStamp = 0;
  #allMembersStamp = 0;

  constructor(id: number, name: string, turn: Turn, load: () => Json | undefined) {
    this.turn = turn;
    this.#load = load;
    this.id = id;
    this.name = name;
  }

  /** The slot whose `readMembers` fills this one. */
  get parent(): Slot | null {
    return this.#parent;
  }

  /** Undefined: missing. */
  read(): Json | undefined {
    const { now } = this.turn;
    if (this.#stamp !== now) {
      const parent = this.#parent;
      this.#value = parent !== null && parent.#allMembersStamp === now ? undefined : this.#load();
      this.#stamp = now;
    }
    return this.#value;
  }

  /** A string as it is; undefined for anything else. */
  text(): string | undefined {
    const value = this.read();
    return typeof value === "string" ? value : undefined;
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

  /** Tells the slot of a member, which `readMembers` will fill. */
  addMember(key: string, member: Slot): void {
    if (member.turn !== this.turn) return;
    (this.#members ??= new Map()).set(key, member);
    this.#lastKeys = null;
    member.#parent = this;
  }

  /**
   * Fills the slots of members all at once: going over an object costs less than looking up a handful of keys in it. A large
   * object is left half-way; what was not reached is looked up.
   */
  readMembers(): void {
    const { now } = this.turn;
    if (this.#membersStamp === now) return;
    this.#membersStamp = now;
    const object = this.read();
    if (!isObject(object)) return;
    const members = this.#members;
    if (members === null) return;
    const keys = (this.#lastKeys ??= []);
    const slots = (this.#lastMembers ??= []);
    let at = 0;
    // Own members only: nothing enumerable is inherited. Asking would cost as much as looking up.
    // oxlint-disable-next-line guard-for-in
    for (const key in object) {
      if (keys[at] !== key) {
        keys[at] = key;
        slots[at] = members.get(key);
      }
      const member = slots[at];
      if (member !== undefined) {
        member.#value = object[key];
        member.#stamp = now;
      }
      if (++at === MOST_MEMBERS) return;
    }
    this.#allMembersStamp = now;
  }

  forget(): void {
    this.#stamp = 0;
    this.#lowerStamp = 0;
    this.#membersStamp = 0;
    this.#allMembersStamp = 0;
  }
}

const MOST_MEMBERS = 200;

/**
 * The member of a value. A member that is there is read fastest by just reading it, one that is not by asking first; which it
 * will be is guessed from the last time. Members that every object inherits must be asked for.
 */
export function memberGetter(parent: Slot, key: string): () => Json | undefined {
  const inherited = key in Object.prototype;
  let wasThere = false;
  return () => {
    const object = parent.read();
    if (!isObject(object)) return undefined;
    if (wasThere) {
      const value = object[key];
      wasThere = value !== undefined;
      return value;
    }
    if (!Object.hasOwn(object, key)) return undefined;
    wasThere = !inherited;
    return object[key];
  };
}
