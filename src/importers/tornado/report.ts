/** What became of a Tornado installation: every part of it is in exactly one of mapped, changed, refused or notes. */
import type { Diagnostic } from "../../core/diagnostic.ts";

export interface Entry {
  /** Relative to the source folder. */
  readonly source: string;
  readonly message: string;
  /** Number under "Deviations" of docs/import-tornado.md, where it is one of those. */
  readonly deviation?: number;
}

export interface Mapped {
  readonly source: string;
  /** Relative to the folder written. */
  readonly target: string;
}

/** A variable that the configuration written needs, in place of a secret that was not copied. */
export interface Variable {
  readonly name: string;
  readonly source: string;
  readonly key: string;
}

export interface ImportReport {
  readonly mapped: readonly Mapped[];
  readonly changed: readonly Entry[];
  readonly refused: readonly Entry[];
  /** What has no counterpart and needs none. */
  readonly notes: readonly Entry[];
  readonly environment: readonly Variable[];
  /** Of the configuration written. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReportSink {
  mapped(source: string, target: string): void;
  changed(source: string, message: string, deviation?: number): void;
  refused(source: string, message: string, deviation?: number): void;
  note(source: string, message: string): void;
  variable(variable: Variable): void;
  /** What was told so far, with the diagnostics of the load. */
  done(diagnostics: readonly Diagnostic[]): ImportReport;
}

export function createReport(): ReportSink {
  const mapped: Mapped[] = [];
  const changed: Entry[] = [];
  const refused: Entry[] = [];
  const notes: Entry[] = [];
  const environment: Variable[] = [];
  const tell = (entries: Entry[], source: string, message: string, deviation?: number): void => {
    if (entries.some((entry) => entry.source === source && entry.message === message)) return;
    entries.push({ source, message, ...(deviation === undefined ? {} : { deviation }) });
  };
  return {
    mapped: (source, target) => void mapped.push({ source, target }),
    changed: (source, message, deviation) => tell(changed, source, message, deviation),
    refused: (source, message, deviation) => tell(refused, source, message, deviation),
    note: (source, message) => tell(notes, source, message),
    variable: (variable) => void environment.push(variable),
    done: (diagnostics) => ({ mapped, changed, refused, notes, environment, diagnostics }),
  };
}
