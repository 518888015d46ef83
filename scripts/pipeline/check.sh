#!/bin/sh
# What a pull request must pass: check.sh RUN, where RUN is its number.
#
# 1. lint: no policy may be refused, and no rule may be left out.
# 2. plan: compares the files with what is in force, and writes comment.md.
# 3. push --plan: the deployed function judges them as well, with its own settings. Nothing is applied.
set -eu
cd "$(dirname "$0")"
run=${1:?name the run, such as the number of the pull request}

keysmith lint policies --strict

code=0
keysmith plan --format markdown >comment.md || code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 2 ] || exit "$code" # 2: there are changes, which is what a pull request is for

keysmith push --plan --run "$run" --wait
