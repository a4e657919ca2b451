#!/bin/sh
# Installs Boardhand's agent on a board, or updates and repairs it; see --help and docs/reference/install.md. Refuses before
# it changes anything where it can, takes back what it did when the agent does not come up, and never removes the state.
#
# A board must have: Docker's engine 20.10 or newer and its command line, on linux/amd64, linux/arm64 or linux/arm/v7; a
# POSIX sh (dash and busybox do) with awk, sed, grep, df, id and timeout, as coreutils or busybox have them; 400 MB free
# for images; a user who may use the engine; root, or a directory that is there, for --projects.
#
# Everything is in functions, and the last line calls them: of a download that is cut off, nothing runs.
# shellcheck disable=SC2317 # the trap calls finish, and that what takes things back
set -u

readonly DEFAULT_IMAGE=boardhand/boardhand:latest
readonly TITLE=Boardhand
readonly NEEDED_MB=400
# Ten times what the slowest board takes to answer.
readonly ANSWER_S=60
readonly LABEL=io.boardhand.install
readonly INSIDE_CONFIG=/etc/boardhand

usage() {
  cat <<'EOF'
Usage: install.sh [OPTION…]

Installs Boardhand's agent as a container, or updates and repairs the one that is there: what is not said again stays as
it was. Asks nothing and reads nothing from standard input.

  --image REFERENCE     the agent's image (boardhand/boardhand:latest)
  --name NAME           of the container and of the volume with the state (boardhand)
  --port [ADDRESS:]PORT where the page and webhooks are (8080); 127.0.0.1:8080 is for this board alone
  --projects DIRECTORY  compose projects, one a sub-directory (/srv/projects)
  --config DIRECTORY    boardhand.yml and tokens, seen by the agent as /etc/boardhand (/etc/boardhand)
  --token-file FILE     in that directory: the token for calls that change something; made if it is not there
  --webhooks            make a token for webhooks there too, and print the address to give to the registry
  --insecure REGISTRY   host:port of a registry without TLS, written to boardhand.yml; may be repeated
  --compose             install as a compose project in the projects directory, which the agent then looks after too
  --wait SECONDS        how long the agent may take to come up (300)
  --install-docker      install a missing engine from the distribution's own packages (apt-get, apk)
  --uninstall           remove the agent; its state, and all that it deployed, stay
  --purge               with --uninstall: remove the state and the image too
  --dry-run             print the commands that would be run, and run none of them
  -h, --help            print this

BOARDHAND_IMAGE, BOARDHAND_NAME, BOARDHAND_PORT and BOARDHAND_PROJECTS in the environment do what their options do.

Exit codes: 0 done; 1 failed, and what was there before is there again; 2 wrong usage; 3 docker is missing, does not answer
or may not be used; 4 not for this board: its processor or its disk; 5 a name or port is somebody else's; 6 the image
cannot be pulled, or is not Boardhand's for this processor.
EOF
}

# ---- words ---------------------------------------------------------------------------------------------------------

# In a dry run standard output is a script: what is no command is a comment.
say() {
  if [ "$DRY_RUN" = yes ]; then printf '# %s\n' "$*"; else printf '%s\n' "$*"; fi
}

# CODE MESSAGE [HINT]
die() {
  printf 'error: %s\n' "$2" >&2
  [ -z "${3:-}" ] || printf 'hint:  %s\n' "$3" >&2
  exit "$1"
}

# As a shell reads it back, on one line.
quoted() {
  quoted_line=
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=@,%+-]*) word=$(printf '%s' "$word" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/") ;;
    esac
    [ -n "$word" ] || word="''"
    quoted_line="$quoted_line${quoted_line:+ }$word"
  done
  printf '%s\n' "$quoted_line"
}

# The only way anything is changed.
change() {
  if [ "$DRY_RUN" = yes ]; then quoted "$@" >&3; else "$@"; fi
}

# What this run has made, to be removed again when it fails.
made() {
  MADE="$MADE $1 "
}

was_made() {
  case $MADE in *" $1 "*) ;; *) return 1 ;; esac
}

# A field of a --mount, which is a line of CSV.
field() {
  printf '"%s"' "$(printf '%s' "$1" | sed 's/"/""/g')"
}

# ---- options -------------------------------------------------------------------------------------------------------

defaults() {
  IMAGE=${BOARDHAND_IMAGE:-} NAME=${BOARDHAND_NAME:-boardhand} PORT=${BOARDHAND_PORT:-}
  PROJECTS=${BOARDHAND_PROJECTS:-} CONFIG='' TOKEN='' HOOKS='' INSECURE='' WAIT=300
  COMPOSE=no INSTALL_DOCKER=no UNINSTALL=no PURGE=no DRY_RUN=no
  OLD_ID='' OLD_IMAGE='' OLD_REFERENCE='' WAS_IMAGE='' STATE='' STAGE=before
  MADE=
  # docker compose would put them before what is in .env.
  unset BOARDHAND_IMAGE BOARDHAND_NAME BOARDHAND_PORT BOARDHAND_PROJECTS BOARDHAND_CONFIG_DIRECTORY BOARDHAND_VOLUME \
    BOARDHAND_SOCKET BOARDHAND_TOKEN BOARDHAND_HOOKS BOARDHAND_HTTP__TOKEN_FILE BOARDHAND_WEBHOOKS__TOKEN_FILE \
    COMPOSE_FILE COMPOSE_PROJECT_NAME COMPOSE_PROFILES COMPOSE_ENV_FILES
}

options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --*=*)
        option=${1%%=*} value=${1#*=}
        shift
        set -- "$option" "$value" "$@"
        case $option in
          --compose | --webhooks | --install-docker | --uninstall | --purge | --dry-run | --help)
            die 2 "$option takes no value" ;;
        esac
        given=2 ;;
      *) given=$# ;;
    esac
    case $1 in
      --image | --name | --port | --projects | --config | --token-file | --insecure | --wait)
        [ "$given" -ge 2 ] || die 2 "$1 needs a value" "Write $1=VALUE or $1 VALUE."
        option "$1" "$2"
        shift ;;
      --compose) COMPOSE=yes ;;
      --webhooks) HOOKS=hook-token ;;
      --install-docker) INSTALL_DOCKER=yes ;;
      --uninstall) UNINSTALL=yes ;;
      --purge) PURGE=yes ;;
      --dry-run) DRY_RUN=yes ;;
      -h | --help) usage; exit 0 ;;
      *) die 2 "there is no option $1" "install.sh --help lists them." ;;
    esac
    shift
  done
  [ "$PURGE" = no ] || [ "$UNINSTALL" = yes ] || die 2 "--purge goes with --uninstall"
}

# OPTION VALUE
option() {
  # Nothing that is installed has an empty name, and a line break could forge a line of a file.
  case $2 in
    '' | *[[:cntrl:]]*) die 2 "$1: '$2' is empty or has control characters in it" ;;
  esac
  case $1 in
    --image) IMAGE=$2 ;;
    --name) NAME=$2 ;;
    --port) PORT=$2 ;;
    --projects) PROJECTS=$2 ;;
    --config) CONFIG=$2 ;;
    --token-file) TOKEN=$2 ;;
    --wait) WAIT=$2 ;;
    --insecure)
      case $2 in
        -* | *[!]A-Za-z0-9.:[_-]*) die 2 "--insecure: '$2' is no registry; expected host or host:port" ;;
      esac
      INSECURE="$INSECURE${INSECURE:+ }$2" ;;
  esac
}

valid_name() {
  case $NAME in
    [!A-Za-z0-9]* | ? | *[!A-Za-z0-9_.-]*) die 2 "--name: '$NAME' cannot name a container; letters, digits, _ . and - can" ;;
  esac
}

valid_values() {
  case $IMAGE in
    [!A-Za-z0-9]* | *[!A-Za-z0-9._:/@-]*) die 2 "--image: '$IMAGE' is no image reference" ;;
  esac
  case ${PORT##*:} in
    '' | 0* | *[!0-9]* | ??????*) die 2 "--port: '$PORT' is no port; expected 8080, or an address and a port: 127.0.0.1:8080" ;;
  esac
  [ "${PORT##*:}" -le 65535 ] || die 2 "--port: '$PORT' is more than 65535"
  case $PORT in
    *:*) case ${PORT%:*} in
      \[*\]) address=${PORT%:*} address=${address#?} address=${address%?} ;;
      *:* | '') address=- ;;
      *) address=${PORT%:*} ;;
    esac
    case $address in '' | *[!0-9A-Fa-f.:]*) die 2 "--port: '${PORT%:*}' is no address" ;; esac ;;
  esac
  case $WAIT in '' | 0?* | *[!0-9]* | ??????*) die 2 "--wait: '$WAIT' is no number of seconds" ;; esac
  absolute --projects "$PROJECTS"
  absolute --config "$CONFIG"
  PROJECTS=${PROJECTS%/} CONFIG=${CONFIG%/}
  TOKEN=${TOKEN#"$CONFIG"/}
  case $TOKEN in
    */* | .*) die 2 "--token-file: '$TOKEN' is not in $CONFIG" "The agent sees that directory; --config names another one." ;;
  esac
  if [ "$COMPOSE" = yes ]; then
    case "$PROJECTS$CONFIG$TOKEN$SOCKET" in
      *[\'\\]*) die 2 "--compose: a path with a quote or a backslash cannot be written to a .env file" ;;
    esac
  fi
}

# OPTION VALUE
absolute() {
  case $2 in
    / | //* | */../* | */..) die 2 "$1: '$2' cannot be mounted" ;;
    /*) ;;
    *) die 2 "$1: '$2' is not absolute; expected a path that begins with /" ;;
  esac
}

# ---- the board -----------------------------------------------------------------------------------------------------

need_docker() {
  if ! command -v docker >/dev/null 2>&1; then
    case $(package_manager) in
      apt-get) hint='sudo apt-get update && sudo apt-get install -y docker.io docker-cli (without docker-cli before Debian 13)' ;;
      apk) hint='sudo apk add docker && sudo rc-update add docker default && sudo service docker start' ;;
      *) hint="install Docker's engine from your distribution's packages" ;;
    esac
    [ "$INSTALL_DOCKER" = yes ] || die 3 "docker is not here" "$hint; or run this again with --install-docker"
    install_docker
  fi
  answer=$(LC_ALL=C docker version --format '{{.Server.Version}} {{.Server.Os}} {{.Server.Arch}}' 2>&1) ||
    no_engine "$answer"
  # shellcheck disable=SC2086 # three words
  set -- $answer
  [ $# -eq 3 ] || no_engine "$answer"
  ENGINE=$1 ENGINE_OS=$2 ENGINE_ARCH=$3
}

package_manager() {
  for manager in apt-get apk; do
    if command -v $manager >/dev/null 2>&1; then printf '%s' $manager; return; fi
  done
}

install_docker() {
  [ "$(id -u)" = 0 ] || [ "$DRY_RUN" = yes ] || die 3 "--install-docker takes root" "Run this with sudo."
  made docker
  case $(package_manager) in
    apt-get)
      change apt-get update || die 3 "apt-get update failed"
      packages='docker.io ca-certificates'
      if [ -n "$(apt-cache show docker-cli 2>/dev/null)" ]; then packages="$packages docker-cli"; fi
      # shellcheck disable=SC2086 # a list of words
      change env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages ||
        die 3 "apt-get could not install docker.io"
      command -v systemctl >/dev/null 2>&1 && change systemctl enable --now docker ;;
    apk)
      change apk update || die 3 "apk update failed"
      change apk add docker || die 3 "apk could not install docker" "Its repository community must be in /etc/apk/repositories."
      [ "$DRY_RUN" = yes ] || command -v rc-service >/dev/null 2>&1 ||
        die 3 "docker is installed now, and there is no OpenRC that would start it" "Start dockerd, then run this again."
      change rc-update add docker default
      change rc-service docker start ;;
    *) die 3 "--install-docker knows apt-get and apk, and neither is here" "Install Docker's engine by hand." ;;
  esac
  if [ "$DRY_RUN" = yes ]; then
    say "what comes then depends on the engine: run this again"
    exit 0
  fi
  tries=0
  until docker version >/dev/null 2>&1 || [ $tries -ge 30 ]; do
    tries=$((tries + 1))
    sleep 2
  done
}

# WHAT-DOCKER-SAID
no_engine() {
  case $1 in
    *ermission\ denied*) die 3 "you may not use Docker's engine" \
      "Run this with sudo, or: sudo usermod -aG docker \"\$USER\", then log in anew." ;;
  esac
  die 3 "Docker's engine does not answer: $(printf '%s' "$1" | tail -n 1)" \
    "Start it: sudo systemctl start docker (Alpine: sudo service docker start), then run this again."
}

# The engine decides what runs here: a 32-bit one on a 64-bit kernel takes 32-bit images, whatever uname says.
fits_board() {
  case $ENGINE in
    [0-9].* | 1[0-9].* | 20.0[0-9].*) die 4 "Docker's engine $ENGINE is too old; 20.10 is the oldest that is known to do" ;;
  esac
  MACHINE=$(docker info --format '{{.Architecture}}' 2>/dev/null)
  case $ENGINE_OS/$ENGINE_ARCH/$MACHINE in
    linux/arm/armv[56]*)
      [ "$IMAGE" != "$DEFAULT_IMAGE" ] || die 4 "there is no image for this processor, $MACHINE" \
        "A Raspberry Pi 2 or newer has one that will do; --image names an image of your own." ;;
    linux/arm/* | linux/arm64/* | linux/amd64/*) ;;
    *) die 4 "Boardhand runs on linux/amd64, linux/arm64 and linux/arm/v7; this engine is $ENGINE_OS/$ENGINE_ARCH" ;;
  esac
  say "engine    $ENGINE, $ENGINE_OS/$ENGINE_ARCH ($MACHINE)"
}

# Mounted into the agent, so it must be a socket of this machine.
find_socket() {
  host=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || host=${DOCKER_HOST:-}
  case $host in
    '') SOCKET=/var/run/docker.sock ;;
    unix:///*) SOCKET=${host#unix://} ;;
    *) die 3 "docker speaks to $host, and the agent needs the socket of an engine on this board" \
      "Run this on the board itself; unset DOCKER_HOST and DOCKER_CONTEXT." ;;
  esac
  [ -S "$SOCKET" ] || die 3 "$SOCKET is no socket"
}

enough_space() {
  root=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null)
  free=$(df -Pk "$root" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
  case $free in '' | *[!0-9]*) say "disk      $root cannot be seen from here"; return ;; esac
  if [ "$free" -lt $NEEDED_MB ] && [ -z "$WAS_IMAGE" ]; then
    die 4 "$root has $free MB free, and the image takes $NEEDED_MB MB" \
      "docker system df says what is there; docker image prune makes room."
  fi
  say "disk      $free MB free at $root"
}

# CONTAINER TEMPLATE
inspected() {
  docker container inspect --format "$2" "$1" 2>/dev/null
}

# CONTAINER NAME-OF-LABEL
label_of() {
  inspected "$1" "{{with index .Config.Labels \"$2\"}}{{.}}{{end}}"
}

is_ours() {
  [ "$(label_of "$1" org.opencontainers.image.title)" = $TITLE ]
}

port_is_free() {
  [ "$(label_of "$NAME" $LABEL.port)" != "$PORT" ] || return 0
  number=${PORT##*:}
  holder=$(docker ps --filter "publish=$number" --format '{{.Names}}' 2>/dev/null | grep -vxF -e "$NAME" | head -n 1)
  [ -z "$holder" ] || die 5 "port $number is published by the container $holder" "--port chooses another one."
  # Of this agent itself: it is stopped before its port is wanted.
  case " $(inspected "$NAME" '{{range .HostConfig.PortBindings}}{{range .}}{{.HostPort}} {{end}}{{end}}') " in
    *" $number "*) return 0 ;;
  esac
  hex=$(printf '%04X' "$number")
  # 0A is LISTEN.
  if cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v port=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'; then
    die 5 "port $number is taken by another program of this board" "--port chooses another one."
  fi
}

# ---- what is there already -----------------------------------------------------------------------------------------

# A run that was cut off between two steps: what was there before it goes back to its place first.
mend() {
  if [ "$UNINSTALL" = no ] && [ -n "$(docker ps --quiet --filter label=io.boardhand.role=updater)" ]; then
    die 1 "the agent is updating itself just now" "Run this again in a minute or two."
  fi
  for left in "$NAME.install" "$NAME.replaced"; do
    [ -z "$(inspected "$left" '{{.Id}}')" ] || is_ours "$left" ||
      die 5 "the container $left is not Boardhand's, and its name is needed" "Rename it, or use --name."
  done
  if [ -n "$(inspected "$NAME.install" '{{.Id}}')" ]; then
    change docker rm --force "$NAME.install" >/dev/null || die 1 "$NAME.install cannot be removed"
  fi
  if [ -n "$(inspected "$NAME.replaced" '{{.Id}}')" ]; then
    say "found     an installation that was cut off: going back to what was there before it"
    if [ -n "$(inspected "$NAME" '{{.Id}}')" ]; then
      is_ours "$NAME" || taken
      change docker rm --force "$NAME" >/dev/null || die 1 "$NAME cannot be removed"
    fi
    change docker rename "$NAME.replaced" "$NAME" || die 1 "$NAME.replaced cannot be renamed to $NAME"
    change docker start "$NAME" >/dev/null
  fi
}

# One agent is enough for an engine: a second one would only wait for the first to go.
only_agent() {
  other=$(docker ps --filter label=io.boardhand.role=agent --format '{{.Names}}' | grep -vxF -e "$NAME" | head -n 1)
  [ -z "$other" ] || die 5 "an agent runs here already: $other" "Run this with --name $other, or remove that one first."
}

taken() {
  die 5 "there is a container named $NAME already, from $(inspected "$NAME" '{{.Config.Image}}')" "--name chooses another name."
}

# What is not said again stays as it was.
remember() {
  OLD_ID=$(inspected "$NAME" '{{.Id}}')
  MODE=run
  [ "$COMPOSE" = no ] || MODE=compose
  if [ -n "$OLD_ID" ]; then
    is_ours "$NAME" || taken
    was=$(label_of "$NAME" $LABEL)
    [ -n "$was" ] || die 5 "the agent $NAME was not installed by this script" \
      "Remove it, and give the volume that it has its state in the same name as the container; or use --name."
    [ "$was" = compose ] && MODE=compose
    [ "$was" = $MODE ] || die 5 "$NAME was installed without --compose" "First --uninstall, which keeps the state."
    OLD_IMAGE=$(inspected "$NAME" '{{.Image}}') OLD_REFERENCE=$(inspected "$NAME" '{{.Config.Image}}')
    STATE=$(inspected "$NAME" '{{range .Mounts}}{{if eq .Destination "/data"}}{{.Name}}{{end}}{{end}}')
    : "${IMAGE:=$(label_of "$NAME" $LABEL.image)}" "${PORT:=$(label_of "$NAME" $LABEL.port)}"
    : "${PROJECTS:=$(label_of "$NAME" $LABEL.projects)}" "${CONFIG:=$(label_of "$NAME" $LABEL.config)}"
    : "${TOKEN:=$(label_of "$NAME" $LABEL.token)}" "${HOOKS:=$(label_of "$NAME" $LABEL.hooks)}"
  fi
  COMPOSE=no
  [ $MODE = run ] || COMPOSE=yes
  : "${IMAGE:=$DEFAULT_IMAGE}" "${PORT:=8080}" "${PROJECTS:=/srv/projects}" "${CONFIG:=/etc/boardhand}" "${STATE:=$NAME}"
}

# ---- files of the owner --------------------------------------------------------------------------------------------

# OPTION DIRECTORY
directory() {
  [ ! -d "$2" ] || return 1
  [ ! -e "$2" ] || die 5 "$1: $2 is there and is no directory"
  change mkdir -p "$2" || die 1 "$1: $2 cannot be made" "Run this with sudo, or make it yourself."
}

# FILE TEXT
write_text() {
  # shellcheck disable=SC2016 # for the inner shell
  change sh -c 'printf "%s\n" "$2" >"$1.new" && mv "$1.new" "$1"' sh "$1" "$2" ||
    die 1 "$1 cannot be written" "Run this with sudo."
}

prepare_files() {
  if directory --projects "$PROJECTS"; then made projects; fi
  if directory --config "$CONFIG"; then made config; fi
  [ -z "$INSECURE" ] || insecure_registries
}

# A file that somebody wrote is not rewritten by a script.
insecure_registries() {
  if [ -f "$CONFIG/boardhand.yml" ]; then
    for registry in $INSECURE; do
      grep -qF -e "$registry" "$CONFIG/boardhand.yml" ||
        die 1 "--insecure: $CONFIG/boardhand.yml does not name $registry" "Add it there, under registries: insecure:."
    done
    return
  fi
  list=
  for registry in $INSECURE; do list="$list${list:+, }\"$registry\""; done
  write_text "$CONFIG/boardhand.yml" "registries:
  insecure: [$list]"
  made boardhand.yml
}

# FILE
new_token() {
  # shellcheck disable=SC2016 # for the inner shell
  change sh -c 'umask 077
    if docker run --rm --network none "$2" doctor --new-token - >"$1.new"; then mv "$1.new" "$1"; else rm -f "$1.new"; exit 1; fi' \
    sh "$1" "$IMAGE" || die 1 "$1 cannot be written" "Run this with sudo."
}

tokens() {
  if [ -n "$TOKEN" ] && [ ! -e "$CONFIG/$TOKEN" ]; then new_token "$CONFIG/$TOKEN"; made token; fi
  if [ -n "$HOOKS" ] && [ ! -e "$CONFIG/$HOOKS" ]; then new_token "$CONFIG/$HOOKS"; made hooks; fi
}

# ---- the agent -----------------------------------------------------------------------------------------------------

pull() {
  say "image     $IMAGE"
  if [ -t 1 ]; then change docker pull "$IMAGE" && return; else change docker pull --quiet "$IMAGE" >/dev/null && return; fi
  if [ -n "$WAS_IMAGE" ]; then
    say "          cannot be pulled now: the one that is here already is taken"
    return
  fi
  die 6 "$IMAGE cannot be pulled" \
    "A registry without TLS must be in insecure-registries of /etc/docker/daemon.json; one that asks who you are takes docker login."
}

fits_image() {
  [ "$DRY_RUN" = no ] || return 0
  found=$(docker image inspect --format '{{with .Config.Labels}}{{index . "org.opencontainers.image.title"}}{{end}} {{.Os}}/{{.Architecture}}' "$IMAGE") ||
    die 6 "$IMAGE was pulled and is not here"
  [ "${found% *}" = $TITLE ] || die 6 "$IMAGE is not an image of Boardhand's agent: it does not call itself $TITLE"
  [ "${found##* }" = "$ENGINE_OS/$ENGINE_ARCH" ] ||
    die 6 "$IMAGE is for ${found##* }, and this engine runs $ENGINE_OS/$ENGINE_ARCH" "Its tag has no image for this board."
}

# WORDS-OF-DOCKER…: with them, what each container of the agent's gets, its image, and $TAIL.
with_agent() {
  set -- "$@" --mount "type=bind,$(field "source=$SOCKET"),target=/var/run/docker.sock"
  set -- "$@" --mount "type=volume,source=$STATE,target=/data"
  set -- "$@" --mount "type=bind,$(field "source=$PROJECTS"),$(field "target=$PROJECTS")"
  set -- "$@" --mount "type=bind,$(field "source=$CONFIG"),target=$INSIDE_CONFIG,readonly"
  set -- "$@" --env "BOARDHAND_PROJECTS=$PROJECTS"
  [ -z "$TOKEN" ] || set -- "$@" --env "BOARDHAND_HTTP__TOKEN_FILE=$INSIDE_CONFIG/$TOKEN"
  [ -z "$HOOKS" ] || set -- "$@" --env "BOARDHAND_WEBHOOKS__TOKEN_FILE=$INSIDE_CONFIG/$HOOKS"
  set -- "$@" "$IMAGE"
  [ -z "$TAIL" ] || set -- "$@" "$TAIL"
  "$@"
}

# NAME-OF-CONTAINER
create() {
  TAIL=
  set -- docker create --name "$1" --restart always --stop-timeout 60 --publish "$PORT:8080" \
    --log-driver local --log-opt max-size=1m --log-opt max-file=3 \
    --label "$LABEL=run" --label "$LABEL.image=$IMAGE" --label "$LABEL.port=$PORT" --label "$LABEL.projects=$PROJECTS" \
    --label "$LABEL.config=$CONFIG" --label "$LABEL.token=$TOKEN" --label "$LABEL.hooks=$HOOKS"
  with_agent change "$@" --label "$LABEL.options=$(options_text)" >/dev/null
}

# Tells two installations apart: the first figure grows when create() changes.
options_text() {
  TAIL=
  with_agent quoted 2 "$PORT" "$CONFIG"
}

state_volume() {
  docker volume inspect "$STATE" >/dev/null 2>&1 && return
  set -- docker volume create --label "$LABEL=$NAME"
  # As docker compose labels what it makes itself.
  [ "$COMPOSE" = no ] || set -- "$@" --label "com.docker.compose.project=$NAME" --label com.docker.compose.volume=state
  change "$@" "$STATE" >/dev/null || die 1 "the volume $STATE cannot be made"
  made volume
}

# The new image looks at the board before anything that runs is touched. What ails projects or registries is shown, and
# is no reason not to install what would tell of it.
doctor() {
  TAIL=doctor
  if [ "$DRY_RUN" = yes ]; then with_agent change docker run --rm; return; fi
  report=$(with_agent docker run --rm 2>&1)
  case $? in
    0 | 1) ;;
    *) die 1 "the image's doctor could not look at this board: $report" ;;
  esac
  printf '%s\n' "$report" | grep -q '^STATE ' || die 1 "the image's doctor could not look at this board: $report"
  # The engine's disk was looked at already, from where it can be seen; a new board has no projects.
  printf '%s\n' "$report" | awk '/^(OK|STATE|WARNING:) / || /^WARN +disk images / || /^disk images: / { next }
    /^WARN +projects +there are no / { none = 1; next } none && /^projects: / { next } { print "          " $0 }'
  if printf '%s\n' "$report" | awk '$1 == "FAIL" && $2 ~ /^(engine|platform|socket|state|token|webhooks)$/ { bad = 1 } END { exit !bad }'; then
    die 1 "the image's doctor says that the agent cannot work here"
  fi
  if printf '%s\n' "$report" | grep -q '^FAIL '; then
    say "doctor    the agent can work here; what fails above is for you to mend"
  else
    say "doctor    has no objection"
  fi
}

start_fresh() {
  create "$NAME" || die 1 "the container cannot be made"
  STAGE=created
  change docker start "$NAME" >/dev/null || die 1 "the container does not start"
}

# The same order as the agent's own rollouts: the old one is removed last.
start_instead() {
  create "$NAME.install" || die 1 "the container cannot be made"
  STAGE=next
  change docker stop -t 60 "$NAME" >/dev/null || die 1 "the agent that is here does not stop"
  STAGE=swapping
  change docker rename "$NAME" "$NAME.replaced" || die 1 "$NAME cannot be renamed"
  change docker rename "$NAME.install" "$NAME" || die 1 "$NAME.install cannot be renamed"
  change docker start "$NAME" >/dev/null || die 1 "the new container does not start"
}

# Asks the agent itself, as its health check would do a minute later.
await_healthy() {
  if [ "$DRY_RUN" = yes ]; then say "then it waits until the agent is healthy"; return; fi
  until_then=$(($(date +%s) + WAIT))
  answer_s=$((WAIT < ANSWER_S ? WAIT + 1 : ANSWER_S))
  while :; do
    # An engine may never answer for a container that ends just then, and docker would wait for it.
    health=$(timeout -s KILL "$answer_s" docker exec "$NAME" boardhand status --health 2>&1)
    case $health in
      healthy*) say "agent     healthy"; return ;;
      *"the engine has not answered yet"*) ;;
      "not healthy"*)
        say "agent     up, and not content with every project:"
        printf '%s\n' "$health" | sed '1d; s/^/          /'
        return ;;
    esac
    case $(inspected "$NAME" '{{.State.Status}} {{.RestartCount}}') in
      "running "[012] | "restarting "[012]) ;;
      *) not_up "it ends as soon as it is started" ;;
    esac
    [ "$(date +%s)" -lt $until_then ] || not_up "it is not healthy after $WAIT seconds: $(printf '%s' "${health:-it did not answer}" | head -n 1)"
    sleep 1
  done
}

# WHY
not_up() {
  printf '%s\n' "The last of what it said:" >&2
  docker logs --tail 15 "$NAME" 2>&1 | sed 's/^/  /' >&2
  die 1 "the agent does not come up: $1"
}

install_run() {
  if [ -n "$OLD_ID" ] && [ "$(label_of "$NAME" $LABEL.options)" = "$(options_text)" ]; then
    if [ "$DRY_RUN" = yes ]; then
      say "if $IMAGE has not moved, $NAME is started should it be stopped; else:"
    elif [ "$OLD_IMAGE" = "$(docker image inspect --format '{{.Id}}' "$IMAGE")" ]; then
      say "agent     is the newest already, with these options"
      [ "$(inspected "$NAME" '{{.State.Running}}')" = true ] || change docker start "$NAME" >/dev/null || die 1 "$NAME does not start"
      STAGE=finished
      await_healthy
      return
    fi
  fi
  if [ -z "$OLD_ID" ]; then start_fresh; else start_instead; fi
  await_healthy
  STAGE=finished
  [ -z "$OLD_ID" ] || change docker rm "$NAME.replaced" >/dev/null
  # The image it was made from, unless somebody still calls it by a name.
  if [ -n "$OLD_IMAGE" ] && [ "$(docker image inspect --format '{{len .RepoTags}}' "$OLD_IMAGE" 2>/dev/null)" = 0 ]; then
    change docker image rm "$OLD_IMAGE" >/dev/null 2>&1
  fi
}

# ---- as a compose project ------------------------------------------------------------------------------------------

# The same as deploy/compose.yaml, which a test holds.
compose_file() {
  cat <<'EOF'
# The agent as a compose project: `docker compose up -d` here, or `install.sh --compose`, which puts it beside the projects
# that the agent looks after, so that it looks after itself too. Values come from .env.
name: ${BOARDHAND_NAME:-boardhand}

services:
  agent:
    image: ${BOARDHAND_IMAGE:-boardhand/boardhand:latest}
    container_name: ${BOARDHAND_NAME:-boardhand}
    # An engine that crashed takes what is unless-stopped for stopped by hand, and would leave the board without its agent.
    restart: always
    # A rollout whose container is stopped is finished or undone first.
    stop_grace_period: 1m
    ports:
      - "${BOARDHAND_PORT:-8080}:8080"
    environment:
      BOARDHAND_PROJECTS: ${BOARDHAND_PROJECTS:-/srv/projects}
      # Without a value here they are passed on where .env has them.
      BOARDHAND_HTTP__TOKEN_FILE:
      BOARDHAND_WEBHOOKS__TOKEN_FILE:
    volumes:
      - type: bind
        source: ${BOARDHAND_SOCKET:-/var/run/docker.sock}
        target: /var/run/docker.sock
      - type: volume
        source: state
        target: /data
      # At its own path: the engine takes relative bind mounts of projects as paths of the board.
      - type: bind
        source: ${BOARDHAND_PROJECTS:-/srv/projects}
        target: ${BOARDHAND_PROJECTS:-/srv/projects}
      - type: bind
        source: ${BOARDHAND_CONFIG_DIRECTORY:-/etc/boardhand}
        target: /etc/boardhand
        read_only: true
    # What is written to a card wears it.
    logging:
      driver: local
      options:
        max-size: 1m
        max-file: "3"
    labels:
      io.boardhand.install: compose
      io.boardhand.install.image: ${BOARDHAND_IMAGE:-boardhand/boardhand:latest}
      io.boardhand.install.port: ${BOARDHAND_PORT:-8080}
      io.boardhand.install.projects: ${BOARDHAND_PROJECTS:-/srv/projects}
      io.boardhand.install.config: ${BOARDHAND_CONFIG_DIRECTORY:-/etc/boardhand}
      io.boardhand.install.token: ${BOARDHAND_TOKEN:-}
      io.boardhand.install.hooks: ${BOARDHAND_HOOKS:-}

volumes:
  state:
    name: ${BOARDHAND_VOLUME:-boardhand}
EOF
}

compose_env() {
  printf "%s='%s'\n" BOARDHAND_NAME "$NAME" BOARDHAND_IMAGE "$IMAGE" BOARDHAND_PORT "$PORT" BOARDHAND_PROJECTS "$PROJECTS" \
    BOARDHAND_CONFIG_DIRECTORY "$CONFIG" BOARDHAND_VOLUME "$STATE" BOARDHAND_SOCKET "$SOCKET" \
    BOARDHAND_TOKEN "$TOKEN" BOARDHAND_HOOKS "$HOOKS"
  [ -z "$TOKEN" ] || printf "BOARDHAND_HTTP__TOKEN_FILE='%s'\n" "$INSIDE_CONFIG/$TOKEN"
  [ -z "$HOOKS" ] || printf "BOARDHAND_WEBHOOKS__TOKEN_FILE='%s'\n" "$INSIDE_CONFIG/$HOOKS"
}

compose() {
  change docker compose --project-directory "$DIRECTORY" "$@"
}

need_compose() {
  docker compose version >/dev/null 2>&1 || die 3 "--compose needs docker compose, which is not here" \
    "Install your distribution's package (docker-compose, docker-cli-compose), or leave --compose out."
  DIRECTORY=$(label_of "$NAME" com.docker.compose.project.working_dir)
  DIRECTORY=${DIRECTORY:-$PROJECTS/$NAME}
}

# A compose file that somebody changed stays theirs; the values are in .env.
install_compose() {
  was_env=
  if [ -z "$OLD_ID" ]; then
    [ ! -e "$DIRECTORY" ] || [ -n "$(compose_is_ours)" ] || die 5 "$DIRECTORY is there and is not this script's" "Move it, or use --name."
    if directory --compose "$DIRECTORY"; then made project; fi
  else
    was_env=$(cat "$DIRECTORY/.env" 2>/dev/null)
  fi
  [ -e "$DIRECTORY/compose.yaml" ] || write_text "$DIRECTORY/compose.yaml" "$(compose_file)"
  [ "$was_env" = "$(compose_env)" ] || write_text "$DIRECTORY/.env" "$(compose_env)"
  STAGE=compose
  compose up --detach --quiet-pull --no-build || die 1 "docker compose could not bring it up"
  await_healthy
  STAGE=finished
}

compose_is_ours() {
  [ "$(cat "$DIRECTORY/compose.yaml" 2>/dev/null)" = "$(compose_file)" ] && printf yes
}

undo_compose() {
  if [ -z "$OLD_ID" ]; then
    docker compose --project-directory "$DIRECTORY" down >/dev/null 2>&1
    remove_project
  else
    [ -z "$was_env" ] || printf '%s\n' "$was_env" >"$DIRECTORY/.env"
    docker tag "$OLD_IMAGE" "$OLD_REFERENCE"
    docker compose --project-directory "$DIRECTORY" up --detach --pull never >/dev/null 2>&1
  fi
}

remove_project() {
  if [ -n "$(compose_is_ours)" ]; then
    change rm -f "$DIRECTORY/compose.yaml" "$DIRECTORY/.env"
    change rmdir "$DIRECTORY"
  elif [ -e "$DIRECTORY/compose.yaml" ]; then
    say "$DIRECTORY/compose.yaml is not as this script wrote it, and stays: another agent would bring it up again."
  fi
}

# ---- when it fails -------------------------------------------------------------------------------------------------

finish() {
  status=$?
  trap - EXIT INT TERM HUP
  [ "$status" -ne 0 ] && [ "$DRY_RUN" = no ] && [ "$STAGE" != finished ] && [ "$UNINSTALL" = no ] && undo
  exit "$status"
}

undo() {
  case $STAGE in
    before) ;;
    created) docker rm --force "$NAME" >/dev/null 2>&1 ;;
    next) docker rm --force "$NAME.install" >/dev/null 2>&1 && docker start "$NAME" >/dev/null 2>&1 ;;
    swapping) undo_swap ;;
    compose) undo_compose ;;
  esac
  if was_made volume; then docker volume rm "$STATE" >/dev/null 2>&1; fi
  if was_made token; then rm -f "$CONFIG/$TOKEN"; fi
  if was_made hooks; then rm -f "$CONFIG/$HOOKS"; fi
  if was_made boardhand.yml; then rm -f "$CONFIG/boardhand.yml"; fi
  if was_made project; then rmdir "$DIRECTORY" 2>/dev/null; fi
  if was_made projects; then rmdir "$PROJECTS" 2>/dev/null; fi
  if was_made config; then rmdir "$CONFIG" 2>/dev/null; fi
  undo_pull
  if [ -n "$OLD_ID" ]; then printf '%s\n' "The agent that was here is here again." >&2
  elif was_made docker; then printf '%s\n' "Nothing was left behind but Docker's packages." >&2
  else printf '%s\n' "Nothing was left behind." >&2; fi
}

undo_pull() {
  pulled=$(docker image inspect --format '{{.Id}}' "$IMAGE" 2>/dev/null)
  [ -n "$pulled" ] && [ "$pulled" != "$WAS_IMAGE" ] || return 0
  if [ -z "$WAS_IMAGE" ]; then docker image rm "$IMAGE" >/dev/null 2>&1; return; fi
  # What has no other name goes with it.
  docker tag "$WAS_IMAGE" "$IMAGE" && docker image rm "$pulled" >/dev/null 2>&1
}

undo_swap() {
  # Each by itself: a step that had not been done fails, and that is well.
  if [ "$(inspected "$NAME" '{{.Id}}')" != "$OLD_ID" ]; then docker rm --force "$NAME" >/dev/null 2>&1; fi
  docker rm --force "$NAME.install" >/dev/null 2>&1
  docker rename "$OLD_ID" "$NAME" >/dev/null 2>&1
  docker start "$OLD_ID" >/dev/null 2>&1
}

# ---- removing it ---------------------------------------------------------------------------------------------------

# What an update of the agent by itself has left, where it was cut off.
remove_helpers() {
  for helper in $(docker ps --all --filter label=io.boardhand.role --format '{{.Names}}'); do
    case $helper in
      "$NAME".updater | "$NAME".preflight | "$NAME".next | "$NAME".failed-* | "$NAME".retired-*)
        found=agent
        change docker rm --force "$helper" >/dev/null ;;
    esac
  done
}

uninstall() {
  found=''
  remove_helpers
  if [ -n "$OLD_ID" ]; then found=agent; fi
  if [ "$COMPOSE" = yes ] && [ -n "$OLD_ID" ]; then
    need_compose
    compose down || die 1 "docker compose could not remove it"
    remove_project
  elif [ -n "$OLD_ID" ]; then
    change docker stop -t 60 "$NAME" >/dev/null
    change docker rm --force "$NAME" >/dev/null || die 1 "$NAME cannot be removed"
  fi
  [ "$PURGE" = no ] || purge
  uninstalled
}

purge() {
  if [ -n "$OLD_ID$(docker volume ls --quiet --filter "label=$LABEL=$NAME")" ]; then
    : "${found:=state}"
    change docker volume rm "$STATE" >/dev/null ||
      die 1 "the volume $STATE cannot be removed" "docker ps -a --filter volume=$STATE says who uses it."
  fi
  if docker image inspect "$IMAGE" >/dev/null 2>&1; then
    change docker image rm "$IMAGE" >/dev/null || say "The image $IMAGE stays."
  fi
}

uninstalled() {
  case $found in
    '') say "There is no agent named $NAME here."; return ;;
    agent) say "The agent $NAME is removed. What it deployed goes on running." ;;
    state) say "The state of the agent $NAME is removed; the agent itself was not here any more." ;;
  esac
  if [ "$PURGE" = no ]; then
    # Without the agent, nobody knows any more which image it was made of.
    purge_it=$(quoted --uninstall --purge --name "$NAME" --image "$IMAGE")
    say "Its state is still in the volume $STATE; $purge_it removes it and the image."
  fi
  [ ! -d "$CONFIG" ] || say "$CONFIG and $PROJECTS are yours, and stay."
}

# ---- the end -------------------------------------------------------------------------------------------------------

address() {
  case $PORT in
    *:*) host=${PORT%:*} ;;
    *) host=0.0.0.0 ;;
  esac
  case $host in
    0.0.0.0 | '[::]')
      host=$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p' | head -n 1)
      host=${host:-$(hostname)} ;;
  esac
  printf 'http://%s:%s' "$host" "${PORT##*:}"
}

report() {
  say ""
  say "Page      $(address)"
  if [ -n "$HOOKS" ] && [ "$DRY_RUN" = no ] && [ -r "$CONFIG/$HOOKS" ]; then
    say "Webhook   $(address)/hooks/PROVIDER/$(cat "$CONFIG/$HOOKS")"
  fi
  say "Projects  each sub-directory of $PROJECTS with a compose file"
  say "Next      docker exec $NAME boardhand plan"
  say "Later     this script again updates it; with --uninstall it is removed"
}

main() {
  exec 3>&1
  defaults
  options "$@"
  valid_name
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  need_docker
  find_socket
  mend
  remember
  valid_values
  if [ "$UNINSTALL" = yes ]; then uninstall; return; fi
  fits_board
  WAS_IMAGE=$(docker image inspect --format '{{.Id}}' "$IMAGE" 2>/dev/null)
  enough_space
  only_agent
  port_is_free
  [ "$COMPOSE" = no ] || need_compose
  pull
  fits_image
  prepare_files
  tokens
  state_volume
  doctor
  if [ "$COMPOSE" = yes ]; then install_compose; else install_run; fi
  report
}

{ main "$@" </dev/null; exit; }
