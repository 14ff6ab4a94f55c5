/** Waiting for real sockets without sleeping: turn by turn of the event loop. */
import { setImmediate } from "node:timers/promises";

/** The test's own timeout ends what never comes. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** Enough turns for anything that would happen without further input to have happened. */
export async function turns(count = 100): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

export interface Watched<T> {
  readonly settled: boolean;
  readonly value: T | undefined;
}

export function watched<T>(promise: Promise<T>): Watched<T> {
  const state: { settled: boolean; value: T | undefined } = { settled: false, value: undefined };
  const settle = (value?: T): void => void Object.assign(state, { settled: true, value });
  promise.then(settle, () => settle());
  return state;
}
