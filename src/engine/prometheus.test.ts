import { expect, test } from "vitest";
import { createPrometheus } from "./prometheus.ts";

const linesOf = async (prometheus: { text(): Promise<string> }) =>
  (await prometheus.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("instruments are printed with their labels", async () => {
  const prometheus = createPrometheus({ process: false });
  prometheus.counter("squall_events_received_total", "Events.", ["collector"]).inc({ collector: "hook" }, 3);
  prometheus.counter("squall_events_received_total", "Events.", ["collector"]).inc({ collector: "hook" });
  prometheus.gauge("squall_generation", "Generation.").set({}, 7);
  const gauge = prometheus.gauge("squall_outbox_deliveries", "Outbox.", ["executor", "state"]);
  gauge.set({ executor: "a", state: "dead" }, 1);
  gauge.set({ executor: "b", state: "dead" }, 2);
  gauge.remove({ executor: "a", state: "dead" });
  expect(await linesOf(prometheus)).toEqual([
    'squall_events_received_total{collector="hook"} 4',
    "squall_generation 7",
    'squall_outbox_deliveries{executor="b",state="dead"} 2',
  ]);
});

test("histograms take seconds into buckets", async () => {
  const prometheus = createPrometheus({ process: false });
  prometheus.histogram("squall_commit_seconds", "Commit.").observe({}, 0.003);
  const lines = await linesOf(prometheus);
  expect(lines).toContain('squall_commit_seconds_bucket{le="0.0025"} 0');
  expect(lines).toContain('squall_commit_seconds_bucket{le="0.005"} 1');
  expect(lines).toContain("squall_commit_seconds_count 1");
});

test("beyond 1,000 values of a label the others count as one", async () => {
  const prometheus = createPrometheus({ process: false });
  const counter = prometheus.counter("squall_test_total", "Test.", ["rule", "status"]);
  for (let n = 0; n < 1100; n++) counter.inc({ rule: `r${n}`, status: "matched" });
  counter.inc({ rule: "r5", status: "matched" });
  const lines = await linesOf(prometheus);
  expect(lines).toHaveLength(1001);
  expect(lines).toContain('squall_test_total{rule="other",status="matched"} 100');
  expect(lines).toContain('squall_test_total{rule="r5",status="matched"} 2');
});

test("the process and its event loop are among them", async () => {
  const text = await createPrometheus().text();
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"])
    expect(text).toContain(name);
});

test("instruments made before and after the first printing are printed", async () => {
  const prometheus = createPrometheus({ process: false });
  prometheus.counter("squall_first_total", "First.").inc({}, 1);
  await prometheus.measureProcess();
  expect(await linesOf(prometheus)).toEqual(["squall_first_total 1"]);
  prometheus.counter("squall_second_total", "Second.").inc({}, 2);
  prometheus.counter("squall_first_total", "First.").inc({}, 1);
  expect(await linesOf(prometheus)).toEqual(["squall_first_total 2", "squall_second_total 2"]);
});

test("one name is of one kind", () => {
  const prometheus = createPrometheus({ process: false });
  prometheus.counter("squall_test_total", "Test.");
  expect(() => prometheus.gauge("squall_test_total", "Test.")).toThrow("the metric squall_test_total is there already");
});
