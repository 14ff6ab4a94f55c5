import type { CollectorType } from "../component/define-collector.ts";
import type { ExecutorPlan } from "../component/executor-plan.ts";
import type { IntakeOptions } from "../component/intake.ts";
import type { ActionCatalog } from "../core/rule/action-catalog.ts";
import type { CompiledTree } from "../core/tree/compiled-tree.ts";
import type { Settings } from "./settings.ts";

/** One configuration, whole and sound: what a generation is made of. */
export interface Plan {
  readonly settings: Settings;
  readonly tree: CompiledTree;
  /** In file-name order. */
  readonly collectors: readonly CollectorPlan[];
  /** In the order of the file; `logger` is there without an entry. */
  readonly executors: readonly ExecutorPlan[];
  readonly actions: ActionCatalog;
  /** Of everything loaded, files it names included; equal configurations have equal hashes. */
  readonly hash: string;
}

export interface CollectorPlan {
  readonly id: string;
  readonly type: CollectorType;
  /** The type's own, checked by its schema. */
  readonly options: unknown;
  readonly intake: IntakeOptions;
  /** Milliseconds that events may lag behind the newest one. */
  readonly latenessMs: number;
  /** Hash of everything resolved above; an unchanged collector is carried over a reload. */
  readonly hash: string;
}
