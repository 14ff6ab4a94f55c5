#!/bin/bash
# nats.sh start DIR | stop DIR - one real nats-server with JetStream, on loopback; user squall.
#   SQUALL_NATS_SECURE=1  TLS with a certificate of DIR's own CA
#   SQUALL_NATS_CONFIG    a file with more settings of nats-server
# Needs the Debian package nats-server; as root it is installed when missing.
. "$(dirname "$0")/lib.sh" "$@"

ready_line() { echo "nats server=127.0.0.1:$p pid=$(cat "$dir/nats.pid") user=squall password=$(secret "$dir" squall)$([ -z "${SQUALL_NATS_SECURE:-}" ] || echo " ca=$dir/ca.crt")"; }

start() {
  dir=$(abs "$1")
  if ! command -v nats-server >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || die "the Debian package nats-server is missing"
    packages "$dir/apt.log" nats-server || fail "$dir/apt.log" "the Debian package nats-server could not be installed"
  fi
  p=$(port "$dir" client) || die "no free port"
  if mine "$dir/nats.pid" "$dir/nats.conf" && port_open "$p"; then ready_line; return; fi
  if [ -n "${SQUALL_NATS_SECURE:-}" ]; then
    need openssl
    certs "$dir" squall-nats
    tls="tls { cert_file: \"$dir/server.crt\", key_file: \"$dir/server.key\", ca_file: \"$dir/ca.crt\" }"
  fi
  cat >"$dir/nats.conf" <<C
host: 127.0.0.1
port: $p
server_name: squall-test
jetstream { store_dir: "$dir/jetstream", max_mem: 64M, max_file: 256M }
authorization { users: [ { user: squall, password: "$(secret "$dir" squall)" } ] }
${tls:-}
$([ -z "${SQUALL_NATS_CONFIG:-}" ] || cat "$SQUALL_NATS_CONFIG")
C
  nats-server -c "$dir/nats.conf" -P "$dir/nats.pid" >"$dir/nats.log" 2>&1 </dev/null &
  local i
  for ((i = 0; i < wait_s * 10; i++)); do
    port_open "$p" && [ -s "$dir/nats.pid" ] && { ready_line; return; }
    kill -0 $! 2>/dev/null || fail "$dir/nats.log" "the server ended while starting"
    sleep 0.1
  done
  stop_pid "$dir/nats.pid" "$dir/nats.conf"; fail "$dir/nats.log" "the server was not ready within $wait_s s"
}

case $1 in
  start) start "$2" ;;
  stop) [ -d "$2" ] || exit 0; dir=$(abs "$2"); stop_pid "$dir/nats.pid" "$dir/nats.conf" ;;
  *) usage ;;
esac
