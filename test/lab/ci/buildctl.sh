#!/bin/bash
# A stand-in for BuildKit's buildctl, which Debian has no package of. It takes the words that moby/buildkit documents for
# `buildctl build` (docs/reference/buildctl.md, README), in any order and no others, and has `docker buildx` do the build
# with the engine's own BuildKit. What it cannot show is that the real one takes these words: that is tried by hand.
set -euo pipefail
fail() { echo "buildctl: $*" >&2; exit 1; }

[ "${BUILDKIT_HOST:-}" = docker-container://buildkit ] || fail "could not connect to ${BUILDKIT_HOST:-unix:///run/buildkit/buildkitd.sock}"
[ "$(docker inspect --format '{{.State.Running}}' buildkit)" = true ] || fail "container buildkit is not running"
[ "${1:-}" = build ] || fail "No help topic for '${1:-}'"
shift

words=(--provenance=false --load)
context="" folder="" filename=Dockerfile output="" frontend=""
while [ $# -gt 0 ]; do
  case "$1" in
    --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
  esac
  case "$1 $2" in
    "--progress plain") ;;
    "--frontend dockerfile.v0") frontend=yes ;;
    "--local context="*) context=${2#context=} ;;
    "--local dockerfile="*) folder=${2#dockerfile=} ;;
    "--opt filename="*) filename=${2#filename=} ;;
    "--opt platform="* | "--opt target="*) words+=("--${2%%=*}" "${2#*=}") ;;
    "--opt label:"*) words+=(--label "${2#label:}") ;;
    "--opt build-arg:"*) words+=(--build-arg "${2#build-arg:}") ;;
    "--secret "*) words+=(--secret "$2") ;;
    "--output type=docker,name="*,dest=*) output=$2 ;;
    *) fail "flag provided but not defined: $1 $2" ;;
  esac
  shift 2
done
[ -n "$frontend" ] && [ -n "$context" ] && [ -n "$folder" ] && [ -n "$output" ] || fail "the frontend, a directory or the output is missing"

name=${output#type=docker,name=} name=${name%,dest=*}
docker buildx build "${words[@]}" --progress plain --file "$folder/$filename" --tag "$name" "$context"
docker save --output "${output##*,dest=}" "$name"
