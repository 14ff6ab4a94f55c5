import { expect, test } from "vitest";
import { resolveIndexName } from "./date-math.ts";

/** Wednesday, 22:37:07.9 UTC */
const NOW = Date.parse("2024-03-06T22:37:07.900Z");

test.each([
  ["logs", "logs"],
  ["<logs-{now/d}>", "logs-2024.03.06"],
  ["<logs-{now}>", "logs-2024.03.06"],
  ["<filebeat-7.17.29-{now/d}-000001>", "filebeat-7.17.29-2024.03.06-000001"],
  ["<logs-{now-1d/d}>", "logs-2024.03.05"],
  ["<logs-{now-1M/M{yyyy.MM}}>", "logs-2024.02"],
  ["<logs-{now/w{yyyy-MM-dd}}>", "logs-2024-03-04"],
  ["<logs-{now/y{yyyy-MM-dd}}>", "logs-2024-01-01"],
  ["<logs-{now+1y-2d{yy}}>", "logs-25"],
  ["<logs-{now/h{yyyyMMdd.HHmmss}}>", "logs-20240306.220000"],
  ["<logs-{now{HH:mm:ss}}>", "logs-22:37:07"],
  ["<logs-{now/d{yyyy.MM.dd|+02:00}}>", "logs-2024.03.07"],
  ["<logs-{now/d{yyyy.MM.dd|-0930}}>", "logs-2024.03.06"],
  ["<elastic\\{ON\\}-{now/M}>", "elastic{ON}-2024.03.01"],
  ["<logs-{then}>", "<logs-{then}>"],
  ["<logs-{now{eeee}}>", "<logs-{now{eeee}}>"],
  ["<logs-{now|Mars}>", "<logs-{now|Mars}>"],
  ["<logs-{now>", "<logs-{now>"],
  ["<", "<"],
])("%s is %s", (name, expected) => expect(resolveIndexName(name, NOW)).toBe(expected));
