import type { ActionPreset } from "./preset.ts";

export const servicenow: ActionPreset = {
  name: "servicenow",
  summary: "ServiceNow, an incident through the Table API.",
  executor: {
    options: {
      url: "https://instance.service-now.com/api/now/table/incident",
      headers: { Accept: "application/json" },
      basic: { username: "squall", password: "${env:SERVICENOW_PASSWORD:-change-me}" },
      success: [201],
    },
  },
  firing: {
    body: {
      short_description: "${event.payload.message ?? event.type | truncate(160)}",
      description: "${event.payload | json}",
      urgency: "2",
      impact: "2",
      correlation_id: "${event.payload.host ?? event.type}",
      correlation_display: "squall",
    },
  },
  resolve: null,
  notes: [
    "The user needs the roles rest_service and itil. It answers 201; 400, 401 and 403 are refusals.",
    "Each POST makes an incident; a business rule on correlation_id is what folds repeats into one.",
    "An incident is resolved under its sys_id, which only the answer to the POST tells: there is no resolve action.",
  ],
};
