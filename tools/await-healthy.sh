#!/usr/bin/env bash
# Waits until every container of the compose project reports healthy. Compose 1.29 has no `up --wait`.
# Usage: COMPOSE='docker compose' await-healthy.sh [seconds]
set -euo pipefail
compose=${COMPOSE:-docker compose}
deadline=$((SECONDS + ${1:-180}))

unhealthy() {
  local id
  for id in $($compose ps -q); do
    docker inspect --format '{{ .Name }} {{ if .State.Health }}{{ .State.Health.Status }}{{ else }}{{ .State.Status }}{{ end }}' "$id"
  done | sed 's|^/||' | grep -vE ' (healthy|running)$' || true
}

while waiting=$(unhealthy) && [ -n "$waiting" ]; do
  if [ $SECONDS -ge $deadline ]; then
    printf 'Not healthy in time:\n%s\n' "$waiting" >&2
    exit 1
  fi
  sleep 1
done
echo "All containers are healthy. The gateway answers on http://127.0.0.1:${GATEWAY_PORT:-8080}"
