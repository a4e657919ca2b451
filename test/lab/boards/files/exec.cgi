#!/bin/sh
# Runs the request's body as a shell script. The answer's body is its stdout, then its stderr; X-Stdout says how many
# bytes are the former, X-Status how it ended.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
work=/run/exec/$$
mkdir -p "$work"
head -c "$CONTENT_LENGTH" >"$work/script"
cd /root || exit 1
sh "$work/script" </dev/null >"$work/out" 2>"$work/err"
status=$?
printf 'Content-Type: text/plain\r\nX-Status: %s\r\nX-Stdout: %s\r\n\r\n' "$status" "$(wc -c <"$work/out")"
cat "$work/out" "$work/err"
rm -r "$work"
