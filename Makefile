# The targets people need; `make help` lists them.

GO ?= go

.PHONY: help build test race lint fuzz bench screens dev

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 10

build: ## the one binary, ./gatehouse
	CGO_ENABLED=0 $(GO) build -trimpath -o gatehouse ./cmd/gatehouse

test: ## everything: installs what the machine lacks (Debian, root), then runs every check
	scripts/test

race: ## all tests under the race detector
	scripts/with-postgres $(GO) test -race ./...

lint: ## vet, staticcheck, formatting
	scripts/lint

fuzz: ## every fuzz target for FUZZTIME each (default 20s)
	scripts/fuzz $(or $(FUZZTIME),20s)

bench: ## the figures of docs/performance.md, measured on this machine; written into the record
	GATEHOUSE_TEST_FSYNC=on scripts/with-postgres $(GO) run ./bench -out bench/record -page docs/performance.md -plots docs/performance

screens: ## pictures of every page and of the terminal client, in ./screens (SCREENS=folder); needs Chromium and fonts
	scripts/screens $(or $(SCREENS),screens)

dev: ## the server on http://127.0.0.1:8080/, its store in ./gatehouse.db
	$(GO) run ./cmd/gatehouse serve
