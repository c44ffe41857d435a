# SPDX-License-Identifier: BSD-3-Clause
# A thin cover over meson and ninja: the commands one types, and nothing that meson.build knows better.
#
#   make help      lists targets and variables
#   make demo      see cvsw run, from nothing (as root)
#   make check     run every test, from nothing (as root)

.DEFAULT_GOAL := all
SHELL  := /bin/bash
MESON  := meson
PYTHON := /usr/bin/python3

## Variables, to be set on the command line:
##   PREFIX=/usr/local     where `make install` puts things; DESTDIR= goes before it
##   JOBS=                 compile with so many processes; default: ninja's choice
##   BENCH=                arguments for `make bench`, bench-net, bench-compare (see bench/micro/run --help,
##                         bench/net/run --help, bench/micro/compare --help)
##   E2E=                  arguments for pytest in `make check` and `check-e2e`, as in E2E='-k vxlan -x'
##   E2E_BUILD=build-asan  the build whose cvswd the end-to-end tests run
##   LAWS=10000000         random cases of each program in `make check-laws`; LAWS_SEED=1 for other ones
##   FUZZ_SECONDS=60       how long each fuzz target runs in `make fuzz`
##   KDIR=                 headers of the kernel that `make kmod` builds for; default: the running one's
##   KMOD=                 arguments for `make kmod-check`, as in KMOD='--only loss,bridge --long'
##                         (see kmod/test/check --help)
##   KMOD_BENCH=           arguments for `make kmod-bench` (see kmod/test/bench/run --help)
PREFIX       ?= /usr/local
JOBS         ?=
BENCH        ?=
E2E          ?=
E2E_BUILD    ?= build-asan
LAWS         ?= 10000000
LAWS_SEED    ?= 1
FUZZ_SECONDS ?= 60
KDIR         ?= /lib/modules/$(shell uname -r)/build
KMOD         ?=
KMOD_BENCH   ?=

NINJA = ninja $(if $(JOBS),-j $(JOBS))
SAN   = -Db_sanitize=address,undefined -Db_lundef=false --buildtype=debugoptimized

KMOD_CHECK_CI = kmod/test/check --ci

export ASAN_OPTIONS  ?= detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS ?= print_stacktrace=1:halt_on_error=1

# The builds, one directory each: meson sets them up once, ninja keeps them fresh.
build/build.ninja:
	$(MESON) setup build --buildtype=release --prefix=$(PREFIX)
build-asan/build.ninja:
	$(MESON) setup build-asan $(SAN)
build-clang/build.ninja:
	CC=clang $(MESON) setup build-clang --buildtype=debugoptimized
build-fuzz/build.ninja:
	CC=clang $(MESON) setup build-fuzz $(SAN) -Dfuzz=true -Dc_args=-fsanitize=fuzzer-no-link

# What is installed and measured, without the tests: that it compiles optimised, too, without a warning.
.PHONY: build-programs
build-programs: build/build.ninja
	@$(NINJA) -C build src/daemon/cvswd src/ctl/cvswctl bench/micro/bench-micro

.PHONY: build build-asan build-clang build-fuzz
build build-asan build-clang build-fuzz: %: %/build.ninja
	@$(NINJA) -C $@

.PHONY: all demo bench bench-baseline bench-compare bench-net check check-unit check-install check-laws check-e2e check-kmod lint format fuzz kmod kmod-check kmod-bench setup install clean help

all: build ## build cvswd and cvswctl (release, into build/)

demo: | need-root setup ## set up, build, compare all tunnels in 4 minutes: table, plot (root)
	@$(MAKE) --no-print-directory build
	bench/net/run --demo --out out/demo

bench: build ## the offload engine beside DPDK's own, nanoseconds a packet, in 3 minutes: BENCH='--only ..'
	bench/micro/run --out out/bench $(BENCH)

bench-baseline: ## keep the last `make bench` to compare later ones with
	cp out/bench/micro.json out/bench/baseline.json

bench-compare: ## compare the last `make bench` with the baseline kept
	bench/micro/compare out/bench/baseline.json out/bench/micro.json $(BENCH)

bench-net: build ## the tunnels as in `make demo`, at any length: BENCH='--methods .. --reps ..' (root)
	bench/net/run --out out/bench-net $(BENCH)

# In this order: what is quick to fail comes first.  The end-to-end tests wait for half of their time: then the kernel
# module is compiled.
check: | need-root ## set up, build with sanitizers, run every test (root)
	@tools/setup kmod-ci
	@$(MAKE) --no-print-directory build-asan build-programs
	@$(MAKE) --no-print-directory check-unit check-install
	@tools/beside '$(KMOD_CHECK_CI) --only compile,tools,guest_module' $(MAKE) --no-print-directory check-e2e
	$(KMOD_CHECK_CI) --only guest
	@echo "make check: all tests passed"

check-unit: build-asan ## the unit tests and the fuzz corpora (no root, no set-up)
	$(MESON) test -C build-asan --no-rebuild --print-errorlogs -t 5 --no-suite install

check-install: build-asan ## the library as others get it: installed, an example built against it, with both linkages
	$(MESON) test -C build-asan --no-rebuild --print-errorlogs -t 2 --suite install

check-laws: build ## gro(gso(p)) and gso(gro(p)) on LAWS random cases: a few minutes, nightly
	@for t in laws laws-nested; do \
		echo "$$t: $(LAWS) cases, seed $(LAWS_SEED)"; \
		CVSW_TEST_CASES=$(LAWS) CVSW_TEST_SEED=$(LAWS_SEED) CVSW_TEST_PROGRESS=1 \
			build/tests/unit/offload/test-$$t || exit 1; \
	done

check-e2e: $(E2E_BUILD) | need-root ## the end-to-end tests alone (root)
	CVSWD=$(CURDIR)/$(E2E_BUILD)/src/daemon/cvswd CVSWCTL=$(CURDIR)/$(E2E_BUILD)/src/ctl/cvswctl \
		$(PYTHON) -m pytest -p no:cacheprovider -q tests/e2e $(E2E)

lint: build-clang ## format, static analysis, a build with clang: a warning is an error
	tools/lint

format: ## bring all C files into the one format
	tools/format

fuzz: build-fuzz ## run every fuzz target for FUZZ_SECONDS
	tools/fuzz build-fuzz $(FUZZ_SECONDS)

kmod: ## build the kernel module for KDIR, into build/kmod (see docs/kernel-module.md)
	kmod/test/module-build $(KDIR) build/kmod/module
	@echo "built: build/kmod/module/kmod/sclp.ko"

check-kmod: | need-root ## of kmod-check some minutes: gcc, user-mode Linux as Debian has it, some scripts (root)
	@tools/setup kmod-ci
	$(KMOD_CHECK_CI)

kmod-check: | need-root ## build the module for two kernels with two compilers, run it in user-mode Linux (root)
	@tools/setup kmod
	@$(MAKE) --no-print-directory build
	kmod/test/check $(KMOD)

kmod-bench: | need-root ## the module beside the kernel's own tunnels, in user-mode Linux, 10 minutes (root)
	@tools/setup kmod
	kmod/test/bench/run --out out/bench $(KMOD_BENCH)

setup: ## install the Debian packages that are missing (root, if there are any)
	@tools/setup

install: build ## install programs, manuals and the systemd unit
	$(MESON) configure build -Dprefix=$(PREFIX)
	$(MESON) install -C build
	@# or programs that link the library would not find it in /usr/local
	@[ -n "$(DESTDIR)" ] || [ $$(id -u) != 0 ] || /sbin/ldconfig

clean: ## remove every build and out/
	rm -rf build build-asan build-clang build-fuzz out

.PHONY: need-root
need-root:
	@if [ $$(id -u) != 0 ]; then \
		echo "make $(firstword $(MAKECMDGOALS)): network namespaces need root: sudo make $(MAKECMDGOALS)"; \
		echo "(without root: make all, check-unit, lint)"; exit 1; fi

help: ## this list
	@echo "Targets:"
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/\1|\2/p' Makefile | awk -F'|' '{ printf "  %-14s %s\n", $$1, $$2 }'
	@sed -n 's/^## \{0,1\}//p' Makefile
