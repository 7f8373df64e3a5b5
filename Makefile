FUZZTIME ?= 60s
SOAK ?= 2000
# With a part of the other browser tests, so that both kinds take as long.
SCENES = ^TestMatrix$$|^TestSoak$$|^TestScreenshots$$|^TestTheFirstSteps$$|^TestALoginIsInFlight$$
WINDOWS = ^Test.*UnderWine$$|^TestMatrix$$/^windows$$
WAITING = ^TestItHarms.*$$
# make test leaves out slow tests that seldom find something; make full does not.
SHORT = -short
E2E = cd host/e2e && ETAX_DOCTOR_WINE=$(WINE) ../../bin/e2e.test $(SHORT:-%=-test.%) -test.timeout 60m
# Otherwise each program with -race waits a second before it ends, in case another goroutine still meets a race.
export GORACE := $(strip $(GORACE) atexit_sleep_ms=0)
# With -trimpath everywhere, the tests, the linters and the packages share what is compiled.
export GOFLAGS := $(filter-out -trimpath,$(shell go env GOFLAGS)) -trimpath
WINE ?= $(or $(TMPDIR),/tmp)/etax-doctor-wine

# Packages with chromedp in them, of which a compilation takes as long as of all others together.
BROWSER = /(host/(e2e|bench)|install/proof)(/|$$)

.PHONY: bin/e2e.test build quick test full test-scenes test-windows test-browser test-waiting test-others test-packages test-extension lint static whole-program vet-others package bench matrix soak fuzz coverage wine deps deps-build npm

build:
	CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o bin/etax-doctor ./host

# The daily tests: without root, Chromium, Wine, pcscd and a C compiler.
quick:
	test -d node_modules || npm ci --ignore-scripts --no-audit --no-fund --silent
	test -z "$$(gofmt -l .)"
	CGO_ENABLED=0 go vet ./...
	CGO_ENABLED=0 go test $$(CGO_ENABLED=0 go list ./checks/... ./extension/... ./host/... ./manifests/... | grep -vE '/host/(e2e|bench)')
	npm test --silent && npm run --silent types && npm run --silent lint

# All tests, and the analyses of the whole program.
full:
	$(MAKE) --no-print-directory test SHORT=
	$(MAKE) --no-print-directory whole-program

# Four at a time, so that two processors have work all the time, also while what the tests need is installed; what takes
# or waits longest begins first.
test:
	@echo "The first time, this installs Debian packages and makes a Wine; then it tests. Each part is printed when it is done."
	$(MAKE) --no-print-directory -j 4 -O test-browser test-scenes test-waiting test-others test-windows test-packages static test-extension

bin/e2e.test: deps-build
	CGO_ENABLED=1 go test -c -o $@ ./host/e2e

test-scenes: deps bin/e2e.test
	$(E2E) -test.run '$(SCENES)' -test.skip '^TestMatrix$$/^windows$$'

test-windows: deps wine bin/e2e.test
	$(E2E) -test.run '$(WINDOWS)'

# Without -race, as all that control a browser: when a page changes, chromedp itself races (Target.domEvent with
# Target.documentUpdated, chromedp 0.23).
test-browser: deps bin/e2e.test
	$(E2E) -test.skip '$(SCENES)|$(WINDOWS)|$(WAITING)'

test-waiting: deps bin/e2e.test
	$(E2E) -test.run '$(WAITING)'

test-others: deps wine
	ETAX_DOCTOR_WINE=$(WINE) go test $(SHORT) -vet=off -race -timeout 60m $$(go list ./... | grep -vE '$(BROWSER)|/install/(package|licence)$$')

# Without -race: the packages are compressed in one goroutine, which takes three times as long with it.
test-packages: deps
	go test $(SHORT) -vet=off -timeout 60m ./install/package ./host/bench ./host/e2e/harness

test-extension: npm
	npm test --silent

lint: static whole-program

vet-others:
	for os in windows darwin; do CGO_ENABLED=0 GOOS=$$os go vet $$(CGO_ENABLED=0 GOOS=$$os go list ./... | grep -vE '$(BROWSER)') || exit 1; done

static: deps vet-others
	test -z "$$(gofmt -l .)" && go vet ./... && go tool staticcheck ./... && npm run --silent types && npm run --silent lint && go tool actionlint && shellcheck install/*.sh testdata/wine/*.sh .ci/run
	go test -count=1 ./install/licence

# What reads the program with all its libraries.
whole-program: deps
	@echo "functions that nothing calls:"; for os in linux windows; do \
		unused=$$(GOOS=$$os $$(go tool -n deadcode) -test ./...) && test -z "$$unused" || { echo "$$unused"; exit 1; }; \
	done
	@echo "known vulnerabilities:"; found=$$(go tool govulncheck ./... 2>&1); case "$$? $$found" in \
		0*) ;; \
		*"fetching vulnerabilities"*) echo "not checked: their database cannot be reached" ;; \
		*) echo "$$found"; exit 1 ;; \
	esac

package:
	./install/deps.sh package && go run ./install/package -output dist

bench: deps
	go run ./host/bench BENCHMARKS.md README.md

wine: deps-build
	./testdata/wine/setup.sh $(WINE)

matrix: deps wine
	cd host/e2e && ETAX_DOCTOR_WINE=$(WINE) MATRIX=1 go test -count 1 -timeout 60m -run TestMatrix

soak: deps
	cd host/e2e && SOAK=$(SOAK) go test -count 1 -timeout 60m -run 'TestSoak|TestItHarms'

# Without the tests that run in separate processes, which no profile covers.
coverage: deps
	go test -coverpkg=./... -coverprofile=coverage.out $$(go list ./... | grep -vE '/host/(e2e|bench)|/install/package')
	go run ./host/coverage coverage.out
	node --test --experimental-test-coverage extension/test/ | grep -A100 "start of coverage"

fuzz:
	for target in checks/smartcard/apdu:FuzzGate checks/smartcard/jpki:FuzzRead checks/smartcard/jpki:FuzzCertificate checks/smartcard/jpki:FuzzToken checks/card:FuzzKindOf checks/smartcard/virtualcard:FuzzCard host/nativemsg:FuzzRead host/session:FuzzMessage checks/app:FuzzManifest checks/app:FuzzRegistry checks/symptom:FuzzFind checks/policy:FuzzSettings; do \
		go test -run '^$$' -fuzz "^$${target#*:}$$" -fuzztime $(FUZZTIME) ./$${target%:*} || exit 1; \
	done

# What the compilations and the Wine need, before the rest: only one installation of Debian packages can run at a time.
deps-build:
	./install/deps.sh wine

deps: deps-build npm
	./install/deps.sh test

npm:
	npm ci --ignore-scripts --no-audit --no-fund --silent
