#!/bin/bash
# alertmanager.sh start DIR | stop DIR - one real Prometheus Alertmanager on loopback, without a cluster.
#   SQUALL_ALERTMANAGER_CONFIG  a file that takes the place of its configuration (alertmanager.yml); without it nobody is notified
# Needs the Debian package prometheus-alertmanager; as root it is installed when missing, its system service masked before that, so that none starts.
. "$(dirname "$0")/lib.sh" "$@"

ready_line() {
  echo "alertmanager url=$url version=$(prometheus-alertmanager --version 2>&1 | sed -n 's/.*version \([0-9.]*\).*/\1/p;T;q') pid=$(cat "$dir/pid")"
}
answers() { curl -sf -o /dev/null --max-time 10 "$url/-/ready"; }

start() {
  dir=$(abs "$1")
  if ! command -v prometheus-alertmanager >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || die "the Debian package prometheus-alertmanager is missing"
    [ ! -d /run/systemd/system ] || systemctl -q mask prometheus-alertmanager.service
    packages "$dir/apt.log" prometheus-alertmanager || fail "$dir/apt.log" "the Debian package prometheus-alertmanager could not be installed"
  fi
  need curl
  local p i
  p=$(port "$dir" http) || die "no free port"
  url=http://127.0.0.1:$p
  if mine "$dir/pid" "$dir/data" && answers; then ready_line; return; fi
  mkdir -p "$dir/data"
  if [ -n "${SQUALL_ALERTMANAGER_CONFIG:-}" ]; then cp "$SQUALL_ALERTMANAGER_CONFIG" "$dir/alertmanager.yml"
  else printf 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n' >"$dir/alertmanager.yml"; fi
  nohup setsid prometheus-alertmanager --config.file="$dir/alertmanager.yml" --storage.path="$dir/data" --web.listen-address="127.0.0.1:$p" \
    --cluster.listen-address= >"$dir/console.log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  for ((i = 0; i < wait_s * 20; i++)); do
    answers && { ready_line; return; }
    kill -0 $! 2>/dev/null || fail "$dir/console.log" "alertmanager ended while starting"
    sleep 0.05
  done
  stop_pid "$dir/pid" "$dir/data"; fail "$dir/console.log" "alertmanager was not ready within $wait_s s"
}

case $1 in
  start) start "$2" ;;
  stop) [ -d "$2" ] || exit 0; dir=$(abs "$2"); stop_pid "$dir/pid" "$dir/data" ;;
  *) usage ;;
esac
