/** What `config` hands to core: documents already read and parsed, each with an issue sink that knows its file. */
import type { IssueSink } from "../diagnostic.ts";
import type { Json } from "../json.ts";

export interface SourceDocument {
  /** Path relative to the configuration folder. */
  readonly file: string;
  /** File name without folder and extension. */
  readonly stem: string;
  readonly value: Json;
  readonly issues: IssueSink;
}

export interface TreeSources {
  /** Of `processing-trees/`, in file-name order; empty: every ruleset is a node below `root`. */
  readonly trees: readonly SourceDocument[];
  /** Of `rules/`: folder name → its rule files in file-name order. */
  readonly rulesets: Readonly<Record<string, readonly SourceDocument[]>>;
}
