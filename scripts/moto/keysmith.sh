#!/bin/sh
# Runs the command line against moto, which has keys and buckets, and nothing that applies an upload.
# AWS_ENDPOINT_URL says where moto is; the argument is a folder for files. The program is the first keysmith on the path.
set -eu
cd "$1"
keys=7 # each takes two calls of the AWS CLI
bucket=keysmith-policies
account=$(aws sts get-caller-identity --query Account --output text)

# want runs a command and compares its exit code and what it says.
want() {
	code=$1 say=$2
	shift 2
	got=0
	out=$("$@" 2>&1) || got=$?
	if [ "$got" != "$code" ] || ! echo "$out" | grep -Eq -e "$say"; then
		echo "FAIL: $*: exit code $got, want $code, and \"$say\" in: $out" >&2
		exit 1
	fi
	echo "  ok: $(echo "$*" | cut -c1-60)"
}

aws s3 mb "s3://$bucket" >/dev/null
aws s3api put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled
cat >policy.json <<JSON
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::$account:root"}, "Action": "kms:*", "Resource": "*"}]}
JSON
for i in $(seq "$keys"); do
	key=$(aws kms create-key --policy file://policy.json --query KeyMetadata.KeyId --output text)
	aws kms create-alias --alias-name "alias/team/$i" --target-key-id "$key"
done
printf 'account: %s\nregion: us-east-1\nbucket: %s\n' "$account" "$bucket" >keysmith.yaml

want 0 "^$keys keys in 1 account and 1 Region: $keys policies" keysmith pull --dir .
want 0 "0 new, 0 replaced, $keys as they were" keysmith pull --dir .
want 0 "^$keys policies, none refused" keysmith lint policies --strict
want 0 "^$keys keys, no change" keysmith plan
want 0 "^$keys files, $keys uploaded" keysmith push --commit first
want 0 "^$keys files, $keys unchanged" keysmith push --commit first
want 1 "^$keys keys, $keys pending" keysmith status --html fleet.html
test -s fleet.html

file=$(echo policies/team-7.*.json)
sed -i 's/"Action": "kms:\*"/"Action": "kms:Decrypt"/' "$file"
want 1 "root-lockout" keysmith plan
cat >"$file" <<JSON
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::$account:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "Orders", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::$account:role/orders"}, "Action": "kms:Decrypt", "Resource": "*"}]}
JSON
want 2 "such as kms:Decrypt by arn:aws:iam::$account:role/orders" keysmith plan
want 0 "1 uploaded" keysmith push --commit second
want 0 "keysmith has replaced no policy of this key" keysmith history alias/team/7
want 2 "the key has no history" keysmith rollback alias/team/7
