/**
 * The life of `serve` between start and exit: SIGHUP reloads; SIGTERM and SIGINT stop it gracefully, a second one at
 * once; a lost store or an uncaught error ends it with exit code 3, for the supervisor to start it anew.
 */
import type { Logger } from "../component/logger.ts";
import type { Host } from "./host.ts";
import type { App } from "./start-app.ts";

const CANNOT_RUN = 3;

export interface Signals {
  /** Resolves at the first SIGTERM or SIGINT; from then on another one ends the process. */
  readonly stopped: Promise<string>;
  onReload(run: () => void): void;
  dispose(): void;
}

/** Listens from before the start on, so that no signal is lost to the default action meanwhile. */
export function listenToSignals(host: Host): Signals {
  let reload: () => void = () => undefined;
  let stop: (signal: string) => void = () => undefined;
  let stopping = false;
  const stopped = new Promise<string>((resolve) => (stop = resolve));
  const onStop = (signal: string) => () => {
    if (stopping) host.exit(CANNOT_RUN);
    stopping = true;
    stop(signal);
  };
  const off = [
    host.onSignal("SIGTERM", onStop("SIGTERM")),
    host.onSignal("SIGINT", onStop("SIGINT")),
    host.onSignal("SIGHUP", () => reload()),
  ];
  return {
    stopped,
    onReload(run) {
      reload = run;
    },
    dispose() {
      for (const one of off) one();
    },
  };
}

/** Resolves to the exit code. */
export async function runUntilStopped(
  app: Pick<App, "reload" | "finished" | "failed" | "stop">,
  signals: Signals,
  logger: Logger,
): Promise<number> {
  signals.onReload(() => {
    app.reload("signal").catch(() => undefined); // logged, counted and shown in /health by the reloader
  });
  const end = await Promise.race([
    signals.stopped.then((signal) => ({ because: { signal }, error: null })),
    app.finished.then((reason) => ({ because: { reason }, error: null })),
    app.failed.then((error) => ({ because: null, error })),
  ]);
  if (end.error) {
    logger.error({ err: end.error }, "the store is lost, the process ends");
    await app.stop();
    return CANNOT_RUN;
  }
  logger.info(end.because ?? {}, "stopping");
  await app.stop();
  return 0;
}
