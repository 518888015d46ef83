#!/usr/bin/env bash
# Installs the headless Chromium in which a test clicks through the page of "keysmith status" (root, Debian). Nothing
# else needs it, and without it that test is skipped. If it cannot be installed, this says why and succeeds.
set -uo pipefail

for name in /usr/lib/chromium/chromium-headless-shell chromium chromium-browser google-chrome chrome; do
  command -v "$name" && exit
done
without() {
  echo "Chromium is not installed: $1. The test of the status page in a browser will be skipped." >&2
  exit 0
}
command -v apt-get >/dev/null || without "there is no apt-get here"
[ "$(id -u)" -eq 0 ] || without "apt-get needs root"
echo "Installing chromium-headless-shell with apt-get, once."
export DEBIAN_FRONTEND=noninteractive
timeout 60 apt-get update -qq || without "apt-get update failed"
timeout 180 apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null || without "apt-get install failed"
