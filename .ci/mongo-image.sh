#!/usr/bin/env bash
# Makes an image under the name mongo:8 from the FerretDB program, on a machine whose Docker engine cannot pull
# the real one. Where the real one is there or can be pulled, that is used.
#
#   mongo-image.sh <program that .ci/ferretdb builds>
set -euo pipefail
program=$1
image=mongo:8
label=breakwater.ferretdb

made_from=$(sha256sum "$program" | cut -c1-16)
has() { docker image inspect "$image" >/dev/null 2>&1; }
label_of() { docker image inspect --format "{{ index .Config.Labels \"$label\" }}" "$image" 2>/dev/null || true; }
# The engine of an image made elsewhere under this name may not start at all; the real one has a mongod.
is_real() { docker run --rm --entrypoint /bin/sh "$image" -c 'command -v mongod' >/dev/null 2>&1; }

if has; then
  if [ "$(label_of)" = "$made_from" ] || is_real; then
    echo "have  $image"
    exit 0
  fi
elif timeout 300 docker pull --quiet "$image" >/dev/null 2>&1; then
  echo "pulled $image"
  exit 0
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$program" "$context/ferretdb"
cat > "$context/Dockerfile" <<DOCKERFILE
FROM node:26-bookworm-slim
COPY ferretdb /usr/local/bin/ferretdb
LABEL $label=$made_from
EXPOSE 27017
VOLUME /data/db
CMD ["ferretdb", "--listen", ":27017", "--data", "/data/db"]
DOCKERFILE
docker build --tag "$image" "$context"
echo "made  $image"
