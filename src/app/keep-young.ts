/**
 * V8 learns of each object literal in the code whether what it makes lives long, and then makes it among the old objects
 * at once. What it sees while a batch is read, or a line of deliveries filled, is that all of it lives; from then on every
 * event and every delivery is kept, with its whole document, until the next full collection. docs/decisions/0011.
 */
import { setFlagsFromString } from "node:v8";

/** From now on everything begins among the young objects, in all threads of the process. */
export const keepYoung = (): void => setFlagsFromString("--no-allocation-site-pretenuring");
