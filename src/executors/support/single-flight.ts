/**
 * Work that many ask for at once under one key is done once, and all get its result. Who is told to stop leaves with a
 * result of its own; when the last one has left, the work is broken off.
 */
export interface SingleFlight<T> {
  run(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal, whenLeft: () => T): Promise<T>;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  const begin = (key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const controller = new AbortController();
    const flight = { result: work(controller.signal), controller, waiting: 0 };
    const end = (): void => forget(key, flight);
    flight.result.then(end, end);
    flights.set(key, flight);
    return flight;
  };
  const forget = (key: string, flight: Flight<T>): void => {
    if (flights.get(key) === flight) flights.delete(key);
  };

  return {
    async run(key, work, signal, whenLeft) {
      if (signal.aborted) return whenLeft();
      const flight = flights.get(key) ?? begin(key, work);
      flight.waiting++;
      const { promise: left, resolve } = Promise.withResolvers<T>();
      const leave = (): void => resolve(whenLeft());
      signal.addEventListener("abort", leave, { once: true });
      try {
        return await Promise.race([flight.result, left]);
      } finally {
        signal.removeEventListener("abort", leave);
        if (--flight.waiting === 0) {
          forget(key, flight);
          flight.controller.abort();
        }
      }
    },
  };
}
