/** The configuration that the server gates share: a webhook collector and rules of which few or none match. */
export interface SampleOptions {
  readonly rules: number;
  /** URL of the sink that firing events post to; null: nothing can fire. */
  readonly sink: string | null;
}

/** Events with `fire: true` in their payload cause one delivery; no other event matches any rule. */
export function sampleConfig({ rules, sink }: SampleOptions): Record<string, unknown> {
  const where = (i: number): object => ({
    type: "AND",
    operators: [
      { type: "equals", first: "${event.payload.EventID}", second: 10_000 + i },
      { type: "equals", first: "${event.payload.Channel}", second: "Security" },
      { type: "contains", first: "${event.payload.Image}", second: `tool${i}` },
    ],
  });
  const files: Record<string, unknown> = {
    "config/squall.yaml": { log: { level: "error" }, executors: { sink: { type: "webhook", concurrency: 64 } } },
    "collectors/in.yaml": { id: "in", token: "t" },
  };
  for (let i = 0; i < rules; i++) {
    files[`rules/bench/${String(i).padStart(6, "0")}_rule_${i}.json`] = { name: `rule_${i}`, constraint: { WHERE: where(i) }, actions: [] };
  }
  if (sink !== null) {
    files["rules/bench/999999_fire.json"] = {
      name: "fire",
      constraint: { WHERE: { type: "equals", first: "${event.payload.fire}", second: true } },
      actions: [{ id: "sink", payload: { url: `${sink}/hook`, body: { id: "${event.payload.EventID}", image: "${event.payload.Image ?? 'none'}" } } }],
    };
  }
  return files;
}
