import type { Secret } from "../component/secret.ts";
import { isArray, isObject, member, setMember, type Json, type MutableJsonObject } from "../core/json.ts";

/**
 * The payload with every `{secret: name}` replaced by the secret of that name. What names none of the executor's stays:
 * it came from an event, where it means nothing.
 */
export function resolveSecrets(value: Json, secrets: Readonly<Record<string, Secret>>): Json {
  return Object.keys(secrets).length === 0 ? value : resolve(value, secrets);
}

function resolve(value: Json, secrets: Readonly<Record<string, Secret>>): Json {
  if (isArray(value)) return value.map((element) => resolve(element, secrets));
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const name = keys.length === 1 ? member(value, "secret") : undefined;
  if (typeof name === "string" && Object.hasOwn(secrets, name)) return secrets[name]!.reveal();
  const resolved: MutableJsonObject = {};
  for (const key of keys) setMember(resolved, key, resolve(member(value, key)!, secrets));
  return resolved;
}
