# adage: make demo, make test; each does its own set-up.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# One static, position-independent file: it starts in half the time, and needs no library where it is
# copied to. (lld is the toolchain's own linker; the warnings are of C library functions that look for
# modules, which nothing here calls; packed relocations are applied faster, by glibc 2.36 or later.
# Generic types are made by calls and not from mangled names: the latter look through every conformance
# in the program, a quarter of all instructions of a short run.)
RELEASE = --configuration release --disable-local-rpath \
  -Xswiftc -static-executable -Xswiftc -use-ld=lld \
  -Xswiftc -Xclang-linker -Xswiftc -static-pie -Xlinker --no-warnings -Xlinker --strip-all \
  -Xlinker --pack-dyn-relocs=relr \
  -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors
BINARY = .build/release/adage

BUILD_PACKAGES = libsodium-dev libssl-dev pkg-config
DEMO_PACKAGES = $(BUILD_PACKAGES) restic openssh-client
TEST_PACKAGES = $(DEMO_PACKAGES) age curl dbus-bin dbus-daemon git nix-bin vim strace systemd jq zlib1g-dev python3-venv
E2E_PACKAGES = $(BUILD_PACKAGES) mmdebstrap python3-venv systemd-container

.PHONY: build demo test e2e consumer documentation reference fuzz compare-nix lint install install-age clean vectors benchmark benchmark-switch packages-build packages-demo packages-e2e packages-test

build: packages-build
	@$(SWIFT) build $(RELEASE) --product adage

demo: packages-demo build
	@secrets.example/demo $(BINARY)

test: packages-test lint build consumer .build/python/ready
	@test -d "$${AGE_TESTKIT:-../shared/testkit}" || \
	  echo "age's published vectors are not there (AGE_TESTKIT names their folder): their tests are skipped"
	@echo "building the tests, then running them"
	@ADAGE=$(CURDIR)/$(BINARY) PYTHON=$(CURDIR)/.build/python/bin/python \
	  $(SWIFT) test --quiet --disable-xctest --parallel

# On booted machines, which needs root, or sudo; `make e2e E2E=test_story` runs one module.
E2E ?=
e2e: packages-e2e build .build/python/made
	@mkdir -p .build/e2e; sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo env TESTBED_PIP=$(CURDIR)/.build/python/bin/pip ADAGE=$(CURDIR)/$(BINARY) Tests/EndToEnd/run $(E2E)

# The example of the documentation, as a package of its own that depends on the library alone.
consumer: packages-build
	@echo "building and running Tests/Consumer"
	@$(SWIFT) build --quiet --package-path Tests/Consumer --scratch-path .build/consumer
	@.build/consumer/debug/consumer | grep -q '^the same: true$$'
	@test "$$(ls .build/consumer/checkouts)" = swift-system

documentation: packages-build
	@for target in Age AgeSSH; do ADAGE_DOCUMENTATION=1 $(SWIFT) package --scratch-path .build/documentation \
	  generate-documentation --target $$target --warnings-as-errors || exit 1; done

# The pages that list every option and builtin, from what implements them; a test compares them.
reference: build
	@mkdir -p Documentation
	@for page in options builtins; do $(BINARY) reference $$page > Documentation/$$page.md || exit 1; done

# Each target of the fuzzer for MINUTES (10), JOBS (2) at a time; `make fuzz FUZZ=header` runs one.
FUZZ ?= header armor stream ssh-public-key ssh-private-key bech32 plugin-replies nix-lexer nix-parser \
  nix-evaluator
JOBS ?= 2
fuzz: packages-build
	@ADAGE_FUZZ=1 $(SWIFT) build --scratch-path .build/fuzz --configuration release --product fuzz \
	  -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing -Xswiftc -Xclang-linker -Xswiftc -fuse-ld=lld
	@Tests/Fuzz/make-corpus .build/fuzz/fuzzing/seeds
	@printf '%s\n' $(FUZZ) | xargs -P $(JOBS) -n 1 Tests/Fuzz/run .build/fuzz

# COUNT (20000) random expressions of the Nix language, evaluated here and by nix-instantiate; SEED changes them.
compare-nix: packages-test
	@COUNT=$(or $(COUNT),20000) SEED=$(or $(SEED),1) \
	  $(SWIFT) test --disable-xctest --filter NixInstantiateTests.generatedExpressionsAgree

lint:
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

# What is built already is not built again, so that `sudo make install` compiles nothing as root.
install:
	@test -x $(BINARY) || $(MAKE) build
	install -D -m 0755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/adage
	ln -sf adage $(DESTDIR)$(PREFIX)/bin/agenix

# The same program in age's place.
install-age: install
	for name in age age-keygen age-inspect; do ln -sf adage $(DESTDIR)$(PREFIX)/bin/$$name; done

# The project's own cases, made anew by independent programs; their keys are throw-away.
vectors: packages-test .build/python/ready
	PYTHON=$(CURDIR)/.build/python/bin/python Vectors/make-age
	.build/python/bin/pip --quiet install cryptography==48.0.0
	.build/python/bin/python Vectors/make-post-quantum
	Vectors/make-nix
	Vectors/make-commands

benchmark: packages-test build
	Benchmarks/run $(BINARY)

# On booted machines, as end-to-end tests; needs root.
benchmark-switch: packages-e2e build .build/python/made
	@TESTBED_PIP=$(CURDIR)/.build/python/bin/pip Benchmarks/switch $(BINARY)

clean:
	rm -rf .build

packages-build:
	@Packaging/require-packages $(BUILD_PACKAGES)

packages-demo:
	@Packaging/require-packages $(DEMO_PACKAGES)

packages-e2e:
	@Packaging/require-packages $(E2E_PACKAGES)

packages-test:
	@Packaging/require-packages $(TEST_PACKAGES)

# pyrage, an independent implementation of age, in a Python of its own.
.build/python/ready: packages-test .build/python/made
	@test -e $@ || { .build/python/bin/pip --quiet install pyrage==1.4.0 && touch $@; }

.build/python/made:
	@python3 -m venv .build/python && touch $@
