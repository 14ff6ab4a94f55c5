#!/bin/bash
# rsyslog.sh start DIR | stop DIR - one real rsyslogd that takes messages at the socket DIR/log.sock and nowhere else, and keeps them in DIR/all.log.
#   SQUALL_RSYSLOG_CONFIG  a file with more configuration: where the messages go
# Needs the Debian packages rsyslog and rsyslog-gnutls; as root they are installed when missing, the system service masked before that, so that none starts.
. "$(dirname "$0")/lib.sh" "$@"

ready_line() { echo "rsyslog socket=$dir/log.sock version=$(rsyslogd -v | sed -n 's/^rsyslogd *\([0-9.]*\).*/\1/p;T;q') pid=$(cat "$dir/pid")"; }

start() {
  dir=$(abs "$1")
  if ! command -v rsyslogd >/dev/null 2>&1 || ! ls /usr/lib/*/rsyslog/lmnsd_gtls.so >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || die "the Debian package rsyslog or rsyslog-gnutls is missing"
    [ ! -d /run/systemd/system ] || systemctl -q mask rsyslog.service
    packages "$dir/apt.log" rsyslog rsyslog-gnutls || fail "$dir/apt.log" "the Debian packages rsyslog and rsyslog-gnutls could not be installed"
  fi
  if mine "$dir/pid" "$dir/rsyslog.conf" && [ -S "$dir/log.sock" ]; then ready_line; return; fi
  mkdir -p "$dir/spool"
  rm -f "$dir/log.sock"
  cat >"$dir/rsyslog.conf" <<C
global(workDirectory="$dir/spool" maxMessageSize="64k" net.enableDNS="off")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$dir/log.sock" RateLimit.Interval="0")
action(type="omfile" file="$dir/all.log")
$([ -z "${SQUALL_RSYSLOG_CONFIG:-}" ] || cat "$SQUALL_RSYSLOG_CONFIG")
C
  nohup setsid rsyslogd -n -f "$dir/rsyslog.conf" -i "$dir/rsyslogd.pid" >"$dir/console.log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  local i
  for ((i = 0; i < wait_s * 20; i++)); do
    [ -S "$dir/log.sock" ] && { ready_line; return; }
    kill -0 $! 2>/dev/null || fail "$dir/console.log" "rsyslogd ended while starting"
    sleep 0.05
  done
  stop_pid "$dir/pid" "$dir/rsyslog.conf"; fail "$dir/console.log" "rsyslogd was not ready within $wait_s s"
}

case $1 in
  start) start "$2" ;;
  stop) [ -d "$2" ] || exit 0; dir=$(abs "$2"); stop_pid "$dir/pid" "$dir/rsyslog.conf" ;;
  *) usage ;;
esac
