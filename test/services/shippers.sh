#!/bin/bash
# shippers.sh start DIR | stop DIR - real clients that ship to Elasticsearch, for tests to run. Nothing is left running: start gets what is missing and
# prints `shippers javascript=FOLDER python=FOLDER rsyslog=MODULE`; FOLDER/7, FOLDER/8 and FOLDER/9 hold the client of that version; MODULE is rsyslog's
# omelasticsearch. Empty: there is no pip here; the Debian package rsyslog-elasticsearch is missing (as root it is installed).
. "$(dirname "$0")/lib.sh" "$@"
javascript="7.17.14 8.19.2 9.5.1"
python="7.17.13 8.19.3 9.5.1"

javascript_fetch() {
  local v
  for v in $javascript; do
    mkdir "${v%%.*}" && (cd "${v%%.*}" && npm install --silent --no-audit --no-fund --ignore-scripts --prefix . "@elastic/elasticsearch@$v")
  done
}
python_fetch() {
  local v
  for v in $python; do python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "${v%%.*}" "elasticsearch==$v"; done
}

omelasticsearch() { ls /usr/lib/*/rsyslog/omelasticsearch.so 2>/dev/null | head -n 1; }

start() {
  need npm flock
  cached "shippers-javascript-${javascript// /-}" javascript_fetch
  local py=
  if python3 -m pip --version >/dev/null 2>&1; then
    cached "shippers-python-${python// /-}" python_fetch
    py=$cache/shippers-python-${python// /-}
  fi
  if [ -z "$(omelasticsearch)" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    [ ! -d /run/systemd/system ] || systemctl -q mask rsyslog.service
    packages "$cache/shippers-apt.log" rsyslog-elasticsearch || true
  fi
  echo "shippers javascript=$cache/shippers-javascript-${javascript// /-} python=$py rsyslog=$(omelasticsearch)"
}

case $1 in
  start) start ;;
  stop) exit 0 ;;
  *) usage ;;
esac
