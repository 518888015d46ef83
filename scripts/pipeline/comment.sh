#!/bin/sh
# Writes comment.md as a comment of a pull request, or replaces the one of an earlier run: comment.sh NUMBER. Needs gh,
# which GitHub's runners have, and GH_TOKEN.
set -eu
cd "$(dirname "$0")"
comments=repos/$GITHUB_REPOSITORY/issues/${1:?number of the pull request}/comments

marker=$(head -n 1 comment.md)
id=$(gh api --paginate "$comments" --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id" | head -n 1)
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field body=@comment.md --silent
else
  gh api --method POST "$comments" --field body=@comment.md --silent
fi
