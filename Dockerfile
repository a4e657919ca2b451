# Boardhand in a container. Dockerfile, Dockerfile.armhf and Dockerfile.aarch64 are the same but for their FROM line,
# which a test holds. `make bundle` comes first: the steps here run under emulation, so they copy and little else.

# Another base, such as a mirror's or one that has Node already.
ARG BASE_IMAGE
FROM ${BASE_IMAGE:-debian:trixie-slim}

# Debian's own Node, where the base has none: no npm comes with it, and no compiler.
RUN command -v node >/dev/null || { \
      apt-get update \
      && apt-get install -y --no-install-recommends nodejs ca-certificates \
      && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/debconf/*-old; \
    }

COPY package.json LICENSE /opt/boardhand/
COPY config/compose-spec.json config/compose-spec.NOTICE /opt/boardhand/config/
COPY dist/boardhand* /opt/boardhand/dist/

# 10001 owns the state, for those who run it without root: a new volume takes the owner over. The last command is the
# proof that this image runs on the processor it is for.
RUN ln -s /opt/boardhand/dist/boardhand.mjs /usr/local/bin/boardhand \
    && mkdir /data /projects \
    && chown 10001:10001 /data \
    && boardhand --version

# Root, as the engine's socket is root's or a group's whose number only the board knows, and as .env files of projects
# may be for root alone. Without root, where that group may use the socket and the projects can be read by all:
#   docker run --user 10001 --group-add "$(stat -c %g /var/run/docker.sock)" …
#
# No VOLUME: each new container would leave a nameless one behind on the board's card. Name one: -v boardhand:/data.

EXPOSE 8080
STOPSIGNAL SIGTERM

# Left alone, Node lets garbage grow until a quarter of the machine's memory is full of it: over 250 MB for fifty services,
# of which 35 MB are in use. `make bench-memory` measures it with these.
ENV NODE_OPTIONS="--max-semi-space-size=2 --max-old-space-size=256"

# Each question starts a Node, a second or two of one core on a small board; hence no oftener than once a minute. It ends by
# itself: engine 20.10 lets one that it gave up run on beside the next, and a slow board would drown in them.
HEALTHCHECK --interval=60s --timeout=120s --start-period=120s --retries=3 CMD ["boardhand", "status", "--health"]

# For the labels; empty where nobody says.
ARG SOURCE=""
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="Boardhand" \
      org.opencontainers.image.description="Keeps the containers of a board up to date, and puts the old one back when the new one fails" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# By this label an agent knows the containers of agents, its own among them.
LABEL io.boardhand.role="agent"

ENTRYPOINT ["boardhand"]
CMD ["run"]
