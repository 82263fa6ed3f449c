#!/bin/sh
# Starts Prometheus with the token of the gateways' admin API in a file that only it can read. Prometheus expands no
# variables in its scrape configuration, and a token in a committed file would be everybody's. For any POSIX shell: the
# image has BusyBox.
set -eu
: "${BREAKWATER_ADMIN_TOKEN:?the token of the admin API}"
umask 077
printf %s "$BREAKWATER_ADMIN_TOKEN" >"${BREAKWATER_TOKEN_FILE:-/run/breakwater/admin-token}"
# What is in the environment of a process, its own debug pages may show.
unset BREAKWATER_ADMIN_TOKEN
exec "${PROMETHEUS:-/bin/prometheus}" "$@"
