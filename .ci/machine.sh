# What the runs of .ci/run need on this machine, installed or started when it is not there. Sourced, not run.
# Needs root on a Debian or Ubuntu for what it has to install; a machine that has everything needs neither.

cache=${HOME:=/root}/.cache/breakwater-ci
# Where Go is installed by its own tarball; a bare PATH does not have it.
export HOME PATH="$PATH:/usr/local/go/bin:/usr/local/sbin:/usr/sbin:/sbin"
engine_pid=

note() { printf '\n=== %s\n' "$*"; }

# again <times> <command…>: a registry or a mirror that fails once is not a reason to fail a run.
again() {
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    echo "Failed, once more in 5 s: $*" >&2
    sleep 5
  done
}

# install_packages <command>:<package>…: those whose command is missing.
install_packages() {
  local missing=() pair
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "installing ${missing[*]}"
  again 3 apt-get -o DPkg::Lock::Timeout=300 update -q >"$results/apt.log" 2>&1 || true
  again 3 env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -q -y \
    --no-install-recommends "${missing[@]}" >>"$results/apt.log" 2>&1 || { tail -30 "$results/apt.log"; return 1; }
}

engine_answers() { timeout 20 docker info >/dev/null 2>&1; }

# An engine that was killed leaves files behind that name its process; a stranger may have that id by now, and
# the next engine refuses to start because of it.
remove_stale_pid_files() {
  local file pid name
  for file in /var/run/docker.pid /var/run/docker/containerd/containerd.pid /run/docker/containerd/docker-containerd.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file" 2>/dev/null || true)
    name=$(cat "/proc/${pid:-none}/comm" 2>/dev/null || true)
    case $name in
      dockerd | containerd | docker-containe*) ;;
      *) rm -f "$file" ;;
    esac
  done
}

start_engine() {
  local attempt
  engine_answers && return 0
  if [ -d /run/systemd/system ] && systemctl start docker 2>/dev/null; then
    for _ in $(seq 60); do engine_answers && return 0; sleep 1; done
  fi
  for attempt in 1 2; do
    remove_stale_pid_files
    setsid dockerd >"$results/dockerd-$attempt.log" 2>&1 </dev/null &
    engine_pid=$!
    for _ in $(seq 90); do
      engine_answers && return 0
      kill -0 "$engine_pid" 2>/dev/null || break
      sleep 1
    done
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    engine_pid=
    tail -5 "$results/dockerd-$attempt.log"
  done
  return 1
}

# Only the engine that start_engine started itself; a run must end with nothing of its own left.
stop_engine() {
  [ -n "$engine_pid" ] || return 0
  kill "$engine_pid" 2>/dev/null || return 0
  for _ in $(seq 30); do kill -0 "$engine_pid" 2>/dev/null || return 0; sleep 1; done
  kill -9 "$engine_pid" 2>/dev/null || true
}

# Sets `ferretdb` to the program, built once per version of its source.
build_ferretdb() {
  local version
  version=$(cat .ci/ferretdb/main.go .ci/ferretdb/go.mod .ci/ferretdb/go.sum | sha256sum | cut -c1-16)
  ferretdb=$cache/ferretdb-$version
  [ -x "$ferretdb" ] && return 0
  command -v go >/dev/null 2>&1 || { echo 'Go 1.24 or newer is needed (https://go.dev/dl).'; return 1; }
  mkdir -p "$cache"
  (
    cd .ci/ferretdb
    # sqlite is pure Go there: without cgo the program needs nothing of the machine or image it runs on.
    CGO_ENABLED=0 GOFLAGS='-buildvcs=false -mod=readonly' again 3 go build -trimpath -ldflags='-s -w' -o "$ferretdb.new.$$" .
  )
  mv "$ferretdb.new.$$" "$ferretdb"
}

# The image that everything is built from: pulled, or made from this machine's packages where nothing can be pulled.
node_image() {
  local image
  image=$(sed -n 's/^FROM \(node:[^ ]*\).*/\1/p' Dockerfile | head -1)
  docker image inspect "$image" >/dev/null 2>&1 && { echo "have  $image"; return 0; }
  timeout 600 docker pull --quiet "$image" && return 0
  [ -f ../shared/tools/local-images.sh ] || { echo "$image can neither be pulled nor made here."; return 1; }
  again 2 bash ../shared/tools/local-images.sh "$image"
  docker image inspect "$image" >/dev/null
}
