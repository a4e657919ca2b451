# Two commands do everything: `make run` and `make test`. The work itself is in deploy/dev/.
.DEFAULT_GOAL := help
.PHONY: help run release stop test test-faults check mutation bench bench-webhook bench-requests bench-load fuzz compose-hashes build bundle image run-image bench-images bench-memory board test-boards test-boards-one bench-boards modules clean needs-node

# Given on the command line or in the environment, they reach the scripts.
export INSTALL PORT REGISTRY_PORT WEB_PORT PROJECTS VERSION DOCKER_HOST CORPUS SEED RUNS ROUNDS SERVICES LOOKS ARCH BASE COMMAND BOARD LANES STRIDE PART ENGINE POWER_CUTS

SOURCES := $(shell find src -name '*.ts' 2>/dev/null)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make run takes PORT=8080 REGISTRY_PORT=5000 WEB_PORT=8081 PROJECTS=/path; INSTALL=no installs nothing"

run: build ## everything it takes, then the agent on the sample project (or PROJECTS=/path)
	@node deploy/dev/run.mjs

release: needs-node ## push the next version of the sample: VERSION=2, or VERSION=broken
	@node deploy/dev/release.mjs

stop: needs-node ## end the agent and remove everything that make run started or made
	@node deploy/dev/stop.mjs

test: build bundle ## everything it takes, then every check and test; what CI runs
	@node deploy/dev/verify.mjs all

test-faults: modules ## a fault at every call of every kind of rollout, into docs/reference/reliability.md (LANES=5 STRIDE=1 PART=projects|self-update; ENGINE=current for self-update)
	@node test/bench/faults.mjs

check: modules ## format, lint, types, dependency rules, dead code, unit and property tests
	@node deploy/dev/verify.mjs quick

mutation: modules ## mutation score of src/core, which must be 85 or more
	@npx stryker run

bench: build ## an update of ten services beside docker compose, into docs/reference/performance.md
	@node test/bench/bench.mjs

bench-webhook: build ## from docker push to the new container's answer, into docs/reference/performance.md (ROUNDS=20)
	@node test/bench/webhook.mjs

bench-requests: modules ## what a look that finds nothing new asks of a registry, into docs/reference/performance.md
	@node test/bench/requests.mjs

bench-load: build ## how long reading and hashing compose files takes (CORPUS=/path)
	@node test/bench/load.mjs

bench-images: modules ## how long our own images take and how large they are, into docs/reference/performance.md
	@node test/bench/images.mjs

bench-memory: modules ## resident memory over 10,000 rounds of 50 services, into docs/reference/performance.md (ROUNDS= SERVICES=)
	@node test/bench/memory.mjs

fuzz: modules ## 100,000 mutated compose files and 200,000 webhooks (RUNS=100000 SEED=1 CORPUS=/path)
	@FUZZ_RUNS=$${RUNS:-100000} npx vitest run --project unit --reporter=default test/core/compose/fuzz.test.ts
	@FUZZ_RUNS=$${RUNS:-200000} npx vitest run --project unit --reporter=default test/triggers/webhooks/fuzz.test.ts test/http/hooks-fuzz.test.ts

compose-hashes: needs-node ## record what docker compose makes of test/core/compose/cases
	@node deploy/dev/compose-hashes.mjs

image: build ## the image for ARCH=amd64|armhf|aarch64 at this desk (BASE=packages: where no registry is reached)
	@node deploy/dev/image.mjs build

run-image: modules ## its version and doctor, emulated (ARCH=armhf), or COMMAND=run, COMMAND=sh, COMMAND="plan --json"
	@node deploy/dev/image.mjs run

board: modules ## a virtual ARM board of 1 GB at this desk, until Ctrl-C (BOARD=pine64|pi|pi-mixed)
	@node deploy/dev/board.mjs

test-boards: modules ## the agent on virtual boards of every kind, or of BOARD=pi,pi-mixed; they are switched off on it (LANES=1)
	@node test/bench/test-boards.mjs

test-boards-one: modules ## the same on one kind with one power cut in a rollout, as make test does it (BOARD=pine64 POWER_CUTS=1)
	@BOARD=$${BOARD:-pine64} POWER_CUTS=$${POWER_CUTS:-1} node test/bench/test-boards.mjs

bench-boards: modules ## memory, start and idle looks of the agent on boards, into docs/reference/performance.md
	@node test/bench/boards.mjs

build: dist/main.js ## compile to dist/

dist/main.js: $(SOURCES) tsconfig.json tsconfig.build.json package-lock.json | modules
	@rm -rf dist
	@npm run --silent build

bundle: dist/boardhand.mjs ## the program in few files that need no packages, for images, to dist/

dist/boardhand.mjs: $(SOURCES) deploy/dev/bundle.mjs tsconfig.json package-lock.json | modules
	@node deploy/dev/bundle.mjs

# The lock file decides, not its date: switching branches back and forth installs nothing.
modules: needs-node
	@cmp -s package-lock.json node_modules/.installed-lock || { \
	  echo "Installing the Node modules of package-lock.json"; \
	  npm ci --ignore-scripts --no-fund --no-audit --loglevel=error && cp package-lock.json node_modules/.installed-lock; }

needs-node:
	@node -e 'const [a, b] = process.versions.node.split("."); if (+a < 20 || (+a === 20 && +b < 19)) process.exit(1)' 2>/dev/null \
	  || { echo "Boardhand needs Node 20.19 or newer; here it is $$(node --version 2>/dev/null || echo missing)." >&2; exit 2; }

clean: stop ## make stop, then remove what was built and installed here
	@rm -rf dist node_modules .cache reports .stryker-tmp
