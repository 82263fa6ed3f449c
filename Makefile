# Everything a developer types. `make` alone prints this list.

# A shell is always started, so that the PATH below also decides which node and which tools are found.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Whatever Node started npm, every command runs on the Node of the lock (a development dependency).
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

# Compose as plugin, or the older docker-compose 1.29.
COMPOSE ?= $(shell if docker compose version >/dev/null 2>&1; then echo docker compose; else echo docker-compose; fi)

INSTALLED := node_modules/.package-lock.json

.PHONY: help
help: ## Print this list
	@echo 'Usage: make <target>'
	@echo
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

.PHONY: install
install: $(INSTALLED) ## Install exactly what package-lock.json names, when it is not there yet

$(INSTALLED): package-lock.json
	@bash tools/check-machine.sh
	@echo 'Installing the dependencies into node_modules (about half a minute, once)'
	@# Only errors: that this Node is older than the one we install is no news here.
	@npm ci --no-audit --no-fund --loglevel=error
	@# Where npm was told to run no install scripts, the `node` package has not fetched its binary yet.
	@node_modules/.bin/node --version >/dev/null 2>&1 || npm rebuild node --ignore-scripts=false
	@# An npm that an older Node started has left out the optional packages that want a newer one. It runs on ours now.
	@npm install --no-save --no-audit --no-fund --prefer-offline --loglevel=error
	@touch $@

# The live page of the admin port; a second of work, and only when it is older than its sources.
PAGE := dist/dashboard/index.html

$(PAGE): $(INSTALLED) tools/build-page.ts $(shell find src/dashboard -type f)
	@node tools/build-page.ts
	@touch $@

.PHONY: demo
demo: install $(PAGE) ## Run the gateway and its three services here, without Docker or a database (Ctrl-C stops all)
	@exec node tools/demo.ts

.PHONY: demo-stop
demo-stop: install ## Kill one service of the running demo: make demo-stop SERVICE=auth
	@node tools/demo-control.ts stop '$(SERVICE)'

.PHONY: demo-start
demo-start: install ## Start it again: make demo-start SERVICE=auth
	@node tools/demo-control.ts start '$(SERVICE)'

.PHONY: demo-status
demo-status: install ## Watch the breakers of the running demo in this terminal (Ctrl-C ends)
	@exec node src/cli.ts status --watch --admin 127.0.0.1:$${ADMIN_PORT:-9901}

.PHONY: test
test: check ## Style, types, floors and every test but the drill
	vitest run

.PHONY: test-full-lane
test-full-lane: install ## The tests of behaviour once more, with `server.fast_lane: false`
	BREAKWATER_TEST_LANE=full vitest run test/composition/{gateway,policies,matrix,cache,upstream,inbound,outbound,tracing}

# Not the matrix: it looks at the sockets of the gateway itself, which are in other threads then.
.PHONY: test-workers
test-workers: install ## The tests of behaviour once more, with two workers in the fast lane
	BREAKWATER_TEST_WORKERS=2 vitest run --testTimeout 60000 test/composition/{gateway,policies,cache,upstream,workers,tracing,admin}

.PHONY: check
check: install ## Style (biome) and types (tsc) only
	biome check --error-on-warnings --diagnostic-level=warn .
	tsc --noEmit -p tsconfig.json
	tsc --noEmit -p src/dashboard

.PHONY: test-resilience
test-resilience: install ## The failure drill: real services are stopped, paused and started (Docker, or local processes)
	vitest run --config vitest.resilience.config.ts

.PHONY: build
build: install ## Compile what is published into dist/
	node tools/build.ts

.PHONY: format
format: install ## Rewrite the sources in the house style
	biome check --write .

.PHONY: proto
proto: install ## Generate the gRPC code of services/ from its .proto
	npm run --silent proto --workspace services

.PHONY: up
up: ## Build and start everything in containers, MongoDB included; returns when all are healthy
	$(COMPOSE) up --build --detach
	@COMPOSE='$(COMPOSE)' bash tools/await-healthy.sh

.PHONY: monitoring
monitoring: ## The same with Prometheus on port 9090 and Grafana on port 3000
	$(COMPOSE) --profile monitoring up --build --detach
	@COMPOSE='$(COMPOSE) --profile monitoring' bash tools/await-healthy.sh

.PHONY: down
down: ## Stop and remove the containers (their volumes stay)
	$(COMPOSE) --profile monitoring down

.PHONY: clean
clean: ## Remove everything that was made here, node_modules included
	rm -rf dist coverage test-results .demo node_modules services/node_modules
