#!/bin/bash
# shippers.sh start DIR | stop DIR - real clients that ship to Elasticsearch, for tests to run. Nothing is left running: start gets what is missing and
# prints `shippers javascript=FOLDER python=FOLDER`; FOLDER/7, FOLDER/8 and FOLDER/9 hold the client of that version. Empty: there is no pip here.
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

start() {
  need npm flock
  cached "shippers-javascript-${javascript// /-}" javascript_fetch
  local py=
  if python3 -m pip --version >/dev/null 2>&1; then
    cached "shippers-python-${python// /-}" python_fetch
    py=$cache/shippers-python-${python// /-}
  fi
  echo "shippers javascript=$cache/shippers-javascript-${javascript// /-} python=$py"
}

case $1 in
  start) start ;;
  stop) exit 0 ;;
  *) usage ;;
esac
