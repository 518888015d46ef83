#!/usr/bin/env bash
# Loads a stand-in for the Lambda base image into a Docker daemon: image.sh SOCKET AWS_ENDPOINT_URL ARCHITECTURE
#
# "sam local invoke" builds its image upon public.ecr.aws/lambda/provided:al2023-<architecture>. Where no registry can be
# reached, a root file system with nothing but busybox does: a static bootstrap needs no Amazon Linux, and the build
# step of SAM needs only a shell, cp, mv and chmod. This is a stand-in, not Amazon Linux.
set -euo pipefail
socket=$1 endpoint=$2 architecture=$3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,etc/ssl/certs,tmp,usr/local/bin,var/task,var/runtime,opt}
chmod 1777 "$root/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh mv cp rm chmod ls cat env mkdir; do ln -s busybox "$root/bin/$applet"; done
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true

# The endpoint is in the image because SAM sets only variables that the template declares, and a variable for tests
# has no place in the template. SDKs take it for every service.
tar -C "$root" -c . | curl -fsS --unix-socket "$socket" -H 'Content-Type: application/x-tar' --data-binary @- -X POST \
  --url-query fromSrc=- --url-query repo=public.ecr.aws/lambda/provided --url-query "tag=al2023-$architecture" \
  --url-query "changes=ENV AWS_ENDPOINT_URL=$endpoint" \
  http://docker/images/create >/dev/null
