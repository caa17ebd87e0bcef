# Everything a newcomer needs is `make run` and `make test`.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run build dist watch bundle check test lint unit soak one browser examples bench prepare prepare-check budget \
	debug-program wasm-bindgen rust-target nextest cargo-leptos postgres pgbouncer chromium python node-packages

# Tools that are not on the machine go here, and stay warm between clones.
TOOLS ?= $(HOME)/.cache/latchkey/tools
export PATH := $(TOOLS)/bin:$(CURDIR)/end2end/node_modules/.bin:$(PATH)

# Tools are used, not shipped: compiled quickly rather than well.
TOOL_PROFILE := CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

SITE := target/site
WASM := target/wasm32-unknown-unknown/debug/latchkey.wasm
WASM_BINDGEN := target/debug/latchkey-wasm-bindgen
# Tools of this clone's versions, under the names that cargo leptos looks for.
LINKS := target/tools
PROGRAM := target/debug/latchkey
RELEASED := target/release/latchkey
# The package with the SQL.
STORE := latchkey-store
LOGS := target/test-logs
VENV := target/venv

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

# --- For users ----------------------------------------------------------------------------------

# Where the demo's data is, if nobody says.
define demo_data
	@if [ -z "$${DATABASE_URL:-}" ] && [ -z "$${LATCHKEY_DATA_DIR:-}" ]; then
		if [ "$$(id -u)" = 0 ]; then export LATCHKEY_DATA_DIR=/var/lib/latchkey-demo;
		else export LATCHKEY_DATA_DIR="$${XDG_DATA_HOME:-$$HOME/.local/share}/latchkey-demo"; fi
	fi
endef

run: build postgres ## Install what is missing, build, and serve the demo on http://127.0.0.1:3000
	$(demo_data)
	$(PROGRAM) demo
	exec $(PROGRAM) serve

build: bundle ## The program as make run and the browser tests use it, target/debug/latchkey
	cargo build --package latchkey

dist: bundle ## The program to install, target/release/latchkey: self-contained, and optimised, which takes minutes
	cargo build --release --package latchkey

# --- For developers -----------------------------------------------------------------------------

check: rust-target ## The inner loop: types, for the server and for the browser
	cargo check --workspace --all-targets
	cargo check --package latchkey --lib --no-default-features --features hydrate --target wasm32-unknown-unknown

watch: rust-target wasm-bindgen cargo-leptos debug-program ## Serve the demo on http://127.0.0.1:3000, and reload browsers after each change
	$(demo_data)
	mkdir -p $(LINKS) && ln -sf $(CURDIR)/$(WASM_BINDGEN) $(LINKS)/wasm-bindgen
	export PATH="$(CURDIR)/$(LINKS):$$PATH" LEPTOS_SITE_ADDR="$${LATCHKEY_LISTEN:-127.0.0.1:3000}"
	# The embedded Postgres stays up while the program is started again.
	watch='$(PROGRAM) demo && exec cargo leptos watch -- serve'
	if [ -n "$${DATABASE_URL:-}" ]; then exec bash -c "$$watch"; fi
	exec $(PROGRAM) postgres exec -- bash -c "$$watch"

bundle: rust-target wasm-bindgen node-packages ## What browsers download, in target/site
	# A library for browsers only here: for the program it would be linked in vain, which takes minutes.
	# Size before speed. Only what is compiled for browsers sees these settings: the macros must be those of the
	# program, or they are compiled twice.
	@CARGO_PROFILE_DEV_OPT_LEVEL=z CARGO_PROFILE_DEV_DEBUG=false CARGO_PROFILE_DEV_DEBUG_ASSERTIONS=false \
		CARGO_PROFILE_DEV_OVERFLOW_CHECKS=false CARGO_INCREMENTAL=0 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C embed-bitcode=yes" \
		cargo rustc --package latchkey --lib --crate-type cdylib --no-default-features --features hydrate \
		--target wasm32-unknown-unknown -- -C lto=fat -C codegen-units=1
	@if [ ! $(SITE)/latchkey_bg.wasm -nt $(WASM) ]; then
		rm -rf $(SITE).new && mkdir -p $(SITE).new
		$(WASM_BINDGEN) --target web --no-typescript --shrink --out-dir $(SITE).new --out-name latchkey $(WASM)
		esbuild --minify --format=esm --log-level=warning --allow-overwrite --outfile=$(SITE).new/latchkey.js \
			$(SITE).new/latchkey.js
		wasm-opt -Oz --strip-debug --strip-producers --strip-target-features \
			--enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-sign-ext \
			--enable-mutable-globals --enable-reference-types --enable-multivalue \
			$(SITE).new/latchkey_bg.wasm -o $(SITE).new/latchkey_bg.wasm
		rm -rf $(SITE) && mv $(SITE).new $(SITE)
	fi

test: lint build nextest postgres chromium python ## Everything: formatting, lints, unit, integration, browser, examples
	@rm -rf $(LOGS) && mkdir -p $(LOGS)
	failed=0
	$(MAKE) --no-print-directory unit || failed=1
	$(MAKE) --no-print-directory browser || failed=1
	$(MAKE) --no-print-directory examples || failed=1
	# nextest: "Summary [..] 80 tests run: 79 passed (1 slow), 1 failed"; Playwright: "  12 passed", "  1 failed";
	# pytest: "1 failed, 79 passed, 1 error in 12.34s", where an error is a test that could not be set up or cleared up.
	number() { sed 's/\x1b\[[0-9;]*m//g' "$$2" 2>/dev/null | grep -E "$$3" | grep -oE "[0-9]+ $$1" | tail -n 1 | grep -oE '[0-9]+' || echo 0; }
	passed=$$(( $$(number passed $(LOGS)/unit.log 'tests? run') + $$(number passed $(LOGS)/browser.log '^ +[0-9]+ passed') \
		+ $$(number passed $(LOGS)/examples.log ' in [0-9.]+s') ))
	broken=$$(( $$(number failed $(LOGS)/unit.log 'tests? run') + $$(number failed $(LOGS)/browser.log '^ +[0-9]+ failed') \
		+ $$(number failed $(LOGS)/examples.log ' in [0-9.]+s') + $$(number error $(LOGS)/examples.log ' in [0-9.]+s') ))
	if [ $$failed = 1 ] && [ $$broken = 0 ]; then broken=1; fi
	echo "$$passed passed, $$broken failed"
	exit $$failed

lint: rust-target node-packages
	cargo fmt --all --check
	cd end2end && tsc --noEmit && cd ..
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo clippy --package latchkey --package latchkey-browser --lib --no-default-features --features latchkey/hydrate \
		--target wasm32-unknown-unknown -- --deny warnings
	cargo check --package latchkey-model --target wasm32-unknown-unknown

# One Postgres for all tests, in a folder of its own, gone afterwards.
define with_postgres
	@data=$$(mktemp -d "$${TMPDIR:-/tmp}/latchkey-test-XXXXXX")
	chmod 755 "$$data"
	trap 'rm -rf "$$data"' EXIT
	unset DATABASE_URL
	export LATCHKEY_DATA_DIR="$$data"
endef

unit: nextest prepare-check pgbouncer ## Unit and integration tests, and the query check; needs neither bundle nor browser
	$(with_postgres)
	mkdir -p $(LOGS)
	cargo build --tests --workspace
	$(PROGRAM) postgres exec -- cargo nextest run --workspace --no-fail-fast 2>&1 | tee $(LOGS)/unit.log

soak: nextest postgres pgbouncer ## The tests that take minutes: kills, races, floods, a frozen database
	$(with_postgres)
	cargo build --tests --workspace
	$(PROGRAM) postgres exec -- cargo nextest run --workspace --no-fail-fast --run-ignored only

one: nextest postgres pgbouncer ## The unit and integration tests whose names contain TEST: make one TEST=expired
	$(with_postgres)
	cargo build --tests --workspace
	$(PROGRAM) postgres exec -- cargo nextest run --workspace '$(TEST)'

browser: budget ## The browser and API tests; ARGS goes to Playwright: make browser ARGS='-g "revoke"'
	$(with_postgres)
	mkdir -p $(LOGS)
	cd end2end
	LATCHKEY_PROGRAM="$(CURDIR)/$(PROGRAM)" $(CURDIR)/$(PROGRAM) postgres exec -- playwright test $(ARGS) 2>&1 \
		| tee $(CURDIR)/$(LOGS)/browser.log

examples: build postgres $(VENV)/.installed examples/node-express/node_modules/.installed
	$(with_postgres)
	mkdir -p $(LOGS)
	LATCHKEY_PROGRAM="$(CURDIR)/$(PROGRAM)" $(PROGRAM) postgres exec -- $(VENV)/bin/python -m pytest examples/tests 2>&1 \
		| tee $(LOGS)/examples.log

# A count, so it is asserted: JavaScript and WebAssembly of a page, as sent.
BUDGET_BYTES := 92160
budget: build
	@node -e 'const z = require("node:zlib"), fs = require("node:fs"); let sum = 0;
	for (const name of ["latchkey.js", "latchkey_bg.wasm"]) {
		const bytes = fs.readFileSync("$(SITE)/" + name);
		const size = z.brotliCompressSync(bytes, { params: { [z.constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
		console.log(name + ": " + bytes.length + " bytes, " + size + " compressed");
		sum += size;
	}
	console.log("JavaScript and WebAssembly: " + sum + " of $(BUDGET_BYTES) bytes");
	process.exit(sum > $(BUDGET_BYTES) ? 1 : 0);'

bench: dist postgres ## Page render times, one check of a key, and checks beside a busy user
	$(with_postgres)
	$(RELEASED) postgres exec -- cargo bench --package latchkey
	LATCHKEY_PROGRAM="$(CURDIR)/$(RELEASED)" $(RELEASED) postgres exec -- node bench/noisy-user.mjs

# The queries' metadata, written by the compiler as it checks them against a live database. Its schema comes from the
# files: the program may be older than they are.
define check_queries
	rm -rf target/debug/.fingerprint/$(STORE)-*
	$(PROGRAM) postgres exec -- bash -euo pipefail -c '
		createdb prepare
		cat migrations/*.up.sql | psql --quiet --single-transaction --set ON_ERROR_STOP=1 --dbname prepare >/dev/null
		DATABASE_URL="$${DATABASE_URL/:5432\/latchkey/:5432\/prepare}" SQLX_OFFLINE=false SQLX_OFFLINE_DIR='$(1)' \
			cargo check --quiet --package $(STORE)'
endef

debug-program: postgres
	@cargo build --package latchkey

# A new query cannot be compiled before it is prepared, so an older program will do: its Postgres is all that is needed.
prepare: postgres ## Write .sqlx afresh after a query or the schema has changed
	$(with_postgres)
	test -x $(PROGRAM) || cargo build --package latchkey
	rm -rf .sqlx && mkdir .sqlx
	$(call check_queries,"$(CURDIR)/.sqlx")

prepare-check: debug-program
	$(with_postgres)
	mkdir "$$data/sqlx"
	$(call check_queries,"$$data/sqlx")
	diff -r .sqlx "$$data/sqlx" || { echo "The queries have changed: run make prepare and commit .sqlx"; exit 1; }

# --- What must be on the machine ----------------------------------------------------------------

rust-target:
	@rustup target list --installed | grep -qx wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

wasm-bindgen:
	@cargo build --package latchkey-wasm-bindgen

nextest:
	@cargo nextest --version >/dev/null 2>&1 || $(TOOL_PROFILE) cargo install cargo-nextest --locked --root $(TOOLS)

cargo-leptos:
	@cargo leptos --version >/dev/null 2>&1 || $(TOOL_PROFILE) \
		cargo install cargo-leptos --version 0.3.10 --locked --features no_downloads --root $(TOOLS)

node-packages: end2end/node_modules/.installed
end2end/node_modules/.installed: end2end/package-lock.json
	cd end2end && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.installed

examples/node-express/node_modules/.installed: examples/node-express/package-lock.json
	cd examples/node-express && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.installed

$(VENV)/.installed: $(wildcard examples/*/requirements.txt) examples/tests/constraints.txt | python
	rm -rf $(VENV)
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement examples/tests/requirements.txt
	touch $@

# Installs a Debian package where that is possible, and says what is missing where it is not.
define debian
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then
		apt-get update --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $(1)
	else
		echo "Missing: $(2)"; exit 1
	fi
endef

postgres:
	@if [ -n "$${DATABASE_URL:-}$${LATCHKEY_PG_BIN:-}" ] || command -v postgres >/dev/null || \
		ls /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /opt/homebrew/opt/postgresql*/bin/postgres \
			/usr/local/opt/postgresql*/bin/postgres >/dev/null 2>&1; then exit 0; fi
	$(call debian,postgresql,Postgres 14 or newer. Debian and Ubuntu: apt install postgresql. Fedora: dnf install postgresql-server. macOS: brew install postgresql)

pgbouncer:
	@if command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ]; then exit 0; fi
	$(call debian,pgbouncer,PgBouncer for a test. Debian and Ubuntu: apt install pgbouncer. Fedora: dnf install pgbouncer. macOS: brew install pgbouncer)

chromium:
	@if [ -x "$${CHROMIUM:-/usr/bin/chromium}" ]; then exit 0; fi
	$(call debian,chromium fonts-noto-core,Chromium. Debian: apt install chromium. Elsewhere: set CHROMIUM to its program)

python:
	@if python3 -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then exit 0; fi
	$(call debian,python3-venv,Python 3.10 or newer with venv. Debian and Ubuntu: apt install python3-venv)
