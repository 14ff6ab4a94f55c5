#!/bin/bash
# fetch.sh - gets what the service scripts download, so that no test waits for it: CI runs it beside the unit tests.
# Each service is started and stopped once in a directory that is then removed; one that cannot run makes the status 1.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
failed=0
for service in alertmanager icinga2 elasticsearch opensearch nats kafka rsyslog shippers; do
  dir=$(mktemp -d)
  bash "$here/$service.sh" start "$dir" || failed=1
  bash "$here/$service.sh" stop "$dir" || failed=1
  rm -rf "$dir"
done
exit "$failed"
