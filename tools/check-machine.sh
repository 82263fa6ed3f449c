#!/usr/bin/env bash
# Says what is missing on this machine before npm says it in its own words. `make install` runs it first.
set -euo pipefail

complain() {
  echo "breakwater: $1" >&2
  exit 1
}

command -v node >/dev/null 2>&1 || complain 'Node.js is missing. Install version 20 or newer (https://nodejs.org) and try again.'
command -v npm >/dev/null 2>&1 || complain 'npm is missing. It comes with Node.js (https://nodejs.org); version 10 or newer is needed.'

node_version=$(node --version 2>/dev/null) || complain "'node --version' fails: $(command -v node) cannot be run."
node_version=${node_version#v}
[ "${node_version%%.*}" -ge 20 ] || complain "Node.js $node_version ($(command -v node)) is too old. Version 20 or newer is needed."

npm_version=$(npm --version 2>/dev/null) || complain "'npm --version' fails: $(command -v npm) cannot be run."
[ "${npm_version%%.*}" -ge 10 ] || complain "npm $npm_version ($(command -v npm)) is too old. Version 10 or newer is needed: npm install -g npm@11"
