/** The page of actions: their keys, foreach and mustache. */
import type { ExecutorType, TextKind } from "../../component/define-executor.ts";
import { code, page, table, yamlBlock } from "./markdown.ts";

const FOREACH = {
  id: "foreach",
  payload: {
    target: "${event.payload.alerts}",
    actions: [
      {
        id: "icinga2",
        when: { type: "equals", first: "${item.status}", second: "firing" },
        payload: {
          icinga2_action_name: "process-check-result",
          icinga2_action_payload: { filter: 'host.name == "${item.labels.instance}"', exit_status: 2, type: "Host" },
        },
      },
    ],
  },
};

const MUSTACHE = {
  id: "webhook",
  payload: {
    url: "https://chat.example.com/hook",
    body: { mustache: '{"text": "{{event.payload.host}} is {{event.payload.state}}", "event": {{event.payload}}}' },
  },
};

export const actionsPage = (executors: readonly ExecutorType[]): string =>
  page(
    "Actions",
    "`actions` of a rule says what it asks for when an event matches it in full.",
    table(
      ["key", "meaning"],
      [
        ["`id`", "Id of an executor; `logger`, `event` and `foreach` are there without an entry."],
        ["`payload`", "What the executor gets. Strings are templates, in objects and arrays too; keys are not."],
        ["`when`", "An operator; false leaves the action out, and the rule still matches."],
        ["`retry`", "In place of the executor's."],
        ["`dry_run`", "In place of the executor's."],
        ["`order_by`", "In place of the executor's: a template over `payload`."],
      ],
    ),
    "A template that has no value makes the rule match in part: none of its actions is asked for.",
    "## foreach",
    "Asks for its own actions for each element of the array `target`: the first action for every element, then the second. `${item}` is the element; expressions with it may read `event` and `_variables` as well.",
    yamlBlock(FOREACH),
    [
      "- Inner actions have all keys of actions, and each is a delivery of its own. A foreach itself has `id`, `payload` and `when`.",
      "- What reads no `item` must have a value, else the rule matches in part. A string whose `item` has no such member stays as text, with the placeholders of `item` as they are written; `??` gives it a value.",
      "- A `target` that is no array becomes a dead letter with the code `foreach_target`; the other actions of the rule go their way.",
      "- A foreach may stand among the actions of a foreach: its `target` reads the outer element, its actions the inner one.",
      "- A value put in is never read as a template.",
    ].join("\n"),
    "## mustache",
    "An object with the only key `mustache`, anywhere in a payload, is a text template of [Mustache](https://mustache.github.io/): `{{path}}`, sections `{{#path}} … {{/path}}`, inverted sections `{{^path}} … {{/path}}`, comments `{{! … }}`; no partials, no other delimiters.",
    yamlBlock(MUSTACHE),
    [
      "- Paths are those of templates, without filters. In a section they are looked up in its element first, then further out; `{{.}}` is the element, `{{list.0}}` the first of a list.",
      "- What is missing or null is nothing, an array or object is JSON, numbers are written in plain digits.",
      "- Plain text: nothing is escaped. HTML: values are escaped, but for `{{{path}}}` and `{{&path}}`.",
      "- JSON: inside a string every value is escaped for it, elsewhere it is a JSON value of its own, `null` where it is missing. A template where that is not clear is refused.",
    ].join("\n"),
    `What a template renders depends on where it stands; everything else is plain text. ${kinds(executors)}`,
  );

const kinds = (executors: readonly ExecutorType[]): string =>
  executors
    .flatMap(({ type, text }) =>
      Object.entries<TextKind>(text?.({}, {}) ?? {}).map(
        ([path, kind]) => `${code(path)} of ${code(type)} is ${NAMES[kind]}`,
      ),
    )
    .map((sentence) =>
      sentence.includes("`webhook`")
        ? `${sentence}, unless the header \`content-type\` is \`text/html\` or another \`text/*\``
        : sentence,
    )
    .join("; ") + ".";

const NAMES: Readonly<Record<TextKind, string>> = { plain: "plain text", json: "JSON", html: "HTML" };
