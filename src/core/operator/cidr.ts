import { isArray, type Json } from "../json.ts";
import { strictObject } from "../rule/strict-object.ts";
import { isInside, parseAddress, parseNetwork, type Network } from "./ip-network.ts";
import { readOperand } from "./operand.ts";
import { anyOperand, listOperand } from "./operand-member.ts";
import type { OperatorType } from "./operator.ts";

const NETWORK = {
  name: "a network such as 10.0.0.0/8 or fd00::/8",
  accepts: (value: Json): boolean => networkOf(value) !== null,
};

export const cidr: OperatorType = {
  name: "cidr",
  aliases: [],
  summary: "An IP address (version 4 or 6) is inside a network, or inside one of a list.",
  example: { type: "cidr", first: "${event.payload.source_ip}", second: ["10.0.0.0/8", "fd00::/8"] },
  compile(document, context) {
    strictObject(document, { required: ["type", "first", "second"] }, context.issues);
    const first = anyOperand(document, "first", context);
    const second = listOperand(document, "second", { element: NETWORK, single: true, file: false }, context);
    if (!first || !second) return null;
    const written = second.kind === "literal" ? networksOf(second.value) : null;
    return {
      type: "cidr",
      operands: { first, second },
      operators: [],
      evaluate(scope) {
        const value = readOperand(first, scope);
        const address = typeof value === "string" ? parseAddress(value) : null;
        if (address === null) return false;
        const networks = written ?? networksOf(readOperand(second, scope));
        return networks.some((network) => isInside(address, network));
      },
    };
  },
};

const networkOf = (value: Json | undefined): Network | null => (typeof value === "string" ? parseNetwork(value) : null);

/** What is no network contains nothing. */
const networksOf = (value: Json | undefined): readonly Network[] =>
  (isArray(value) ? value : [value]).map(networkOf).filter((network) => network !== null);
