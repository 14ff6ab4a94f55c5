import { z } from "zod";
import { isObject, member, type JsonObject } from "../core/json.ts";
import type { ActionCatalog, ActionTarget } from "../core/rule/action-catalog.ts";
import type { ReadExecutors } from "./executors.ts";

/** What actions may name. An entry with mistakes is there too, so that they are not told a second time at every action. */
export function actionTargets(targets: ReadExecutors["targets"]): ActionCatalog {
  return Object.fromEntries(targets.map((target) => [target.id, actionTarget(target)]));
}

function actionTarget({ type, entry }: ReadExecutors["targets"][number]): ActionTarget {
  const options = member(entry, "options") ?? null;
  const secrets = member(entry, "secrets") ?? null;
  return {
    type: type?.type ?? "unknown",
    payload: type?.payload ?? z.unknown(),
    code: type?.code ?? {},
    ...textOf(type, isObject(options) ? options : {}),
    allowDynamicCode: isObject(options) && String(member(options, "allow_dynamic_code")) === "true",
    secrets: isObject(secrets) ? Object.keys(secrets) : [],
  };
}

const textOf = (type: ReadExecutors["targets"][number]["type"], options: JsonObject): Pick<ActionTarget, "text"> =>
  type?.text ? { text: (payload) => type.text!(payload, options) } : {};
