import { z } from "zod";

/** A value that must not reach a log, a reason or an answer: it prints as `***` wherever it is printed by accident. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself; call it where it is sent, nowhere else. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return "***";
  }
  toJSON(): string {
    return "***";
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "***";
  }
}

/** Schema of an option that holds a secret: a string in the file, a `Secret` in the code. */
export const secret = () =>
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value))
    .meta({ secret: true });
