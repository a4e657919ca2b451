# Docker Hub's automated builds, read by the hooks beside it: how Boardhand gets there.
#
# Repository   this folder beside the Dockerfiles, and config/pipeline.yml (`boardhand build init` writes them)
# Build rules  one an image: branch main > tag armhf > Dockerfile.armhf, and tag /^v.*$/ > {sourceref}-armhf likewise
# Environment  of the automated build: DOCKER_PUSH=yes; without it images are built and run, but not pushed.
#              Docker Hub is logged in to itself: no credentials are needed
# Version      BOARDHAND: `npx --yes boardhand@1.2.3` pins it
# Until        Docker retires automated builds on 2027-04-01
set -euo pipefail
BOARDHAND="npx --yes boardhand"

# These machines have docker but no Node, so it is taken out of its image.
if ! command -v npx >/dev/null; then
  node="${TMPDIR:-/tmp}/boardhand-node"
  if [ ! -x "$node/bin/node" ]; then
    container=$(docker create node:22-bookworm-slim)
    docker cp "$container:/usr/local" "$node"
    docker rm "$container" >/dev/null
  fi
  export PATH="$node/bin:$PATH"
fi
