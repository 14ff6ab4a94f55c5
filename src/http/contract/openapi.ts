import { z } from "zod";
import { endpoint } from "./endpoint.ts";

export const getOpenapi = endpoint({
  id: "getOpenapi",
  method: "GET",
  path: "/api/v1/openapi.json",
  summary: "This document.",
  access: "token",
  answer: z.looseObject({ openapi: z.literal("3.1.0") }),
  problems: [401, 403],
});
