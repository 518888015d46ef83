#!/bin/sh
# Compares moto with the conformance cases of the fake AWS. Runs the command line and the StackSet commands of the
# documentation against moto, and boto3 and the AWS CLI against the fake itself. Arguments go to the Go test: -update
# writes a new list of moto's differences.
set -eu
cd "$(dirname "$0")/../.."

venv=.tools/moto
work=$(mktemp -d)
pids=

finish() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

# The stamp holds the pins and the folder, whose name the programs have in them: a new
# pin makes a new environment, and so does a checkout that was moved.
{
	cat scripts/moto/requirements.txt
	echo "# in $PWD"
} >"$work/stamp"
if ! cmp -s "$work/stamp" "$venv/stamp"; then
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install -q --disable-pip-version-check -r scripts/moto/requirements.txt
	cp "$work/stamp" "$venv/stamp"
fi

# wait_for runs a command until it succeeds, for ten seconds, while the process
# it waits for is alive.
wait_for() {
	pid=$1 log=$2
	shift 2
	for _ in $(seq 100); do
		if "$@"; then return 0; fi
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	echo "the server did not start:" >&2
	cat "$log" >&2
	return 1
}

port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$work/moto.log" 2>&1 &
moto=$!
pids="$pids $moto"
wait_for "$moto" "$work/moto.log" "$venv/bin/python" -c "
import socket, sys
sys.exit(socket.socket().connect_ex(('127.0.0.1', $port)))"

echo "moto against the conformance cases:"
KEYSMITH_MOTO_URL=http://127.0.0.1:$port go test -count=1 -v -run TestMotoDiffersOnlyAsListed ./shared/fakeaws "$@"

export AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= AWS_CONFIG_FILE=/dev/null
echo "the command line against moto:"
go build -o "$work/bin/keysmith" ./scripts/keysmith
mkdir "$work/tree"
AWS_ENDPOINT_URL=http://127.0.0.1:$port PATH="$work/bin:$PWD/$venv/bin:$PATH" scripts/moto/keysmith.sh "$work/tree"

echo "the StackSet commands of shared/docs/many-accounts.md on moto:"
AWS_ENDPOINT_URL=http://127.0.0.1:$port PATH="$PWD/$venv/bin:$PATH" "$venv/bin/python" scripts/moto/stacksets.py

go build -o "$work/fakeaws" ./scripts/fakeaws
"$work/fakeaws" -any-principal >"$work/url" 2>"$work/fakeaws.log" &
fake=$!
pids="$pids $fake"
wait_for "$fake" "$work/fakeaws.log" test -s "$work/url"

AWS_ENDPOINT_URL=$(cat "$work/url")
export AWS_ENDPOINT_URL
echo "boto3 against the fake:"
"$venv/bin/python" scripts/moto/boto.py
echo "the AWS CLI against the fake:"
PATH="$PWD/$venv/bin:$PATH" sh scripts/moto/cli.sh "$work"
