FUZZTIME ?= 60s
SOAK ?= 2000
SCENES = ^TestMatrix$$|^TestSoak$$
WINDOWS = ^Test.*UnderWine$$|^TestMatrix$$/^windows$$
WAITING = ^TestItHarms.*$$
E2E = cd host/e2e && ETAX_DOCTOR_WINE=$(WINE) ../../bin/e2e.test -test.timeout 20m
WINE ?= $(or $(TMPDIR),/tmp)/etax-doctor-wine

.PHONY: bin/e2e.test build quick test test-scenes test-windows test-browser test-waiting test-others test-packages test-extension lint static package bench matrix soak fuzz coverage wine deps

build:
	CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o bin/etax-doctor ./host

# The daily tests: without root, Chromium, Wine, pcscd and a C compiler.
quick:
	test -d node_modules || npm ci --ignore-scripts --no-audit --no-fund --silent
	test -z "$$(gofmt -l .)"
	CGO_ENABLED=0 go vet ./...
	CGO_ENABLED=0 go test $$(CGO_ENABLED=0 go list ./checks/... ./extension/... ./host/... ./manifests/... | grep -vE '/host/(e2e|bench)')
	npm test --silent && npm run --silent types && npm run --silent lint

# Four at a time, so that two processors have work all the time; what takes longest begins first.
test: deps wine
	$(MAKE) --no-print-directory -j 4 -O test-browser test-scenes test-others test-windows test-packages static test-waiting test-extension

bin/e2e.test:
	CGO_ENABLED=1 go test -c -o $@ ./host/e2e

test-scenes: bin/e2e.test
	$(E2E) -test.run '$(SCENES)' -test.skip '^TestMatrix$$/^windows$$'

test-windows: bin/e2e.test
	$(E2E) -test.run '$(WINDOWS)'

# Without -race, as all that control a browser: when a page changes, chromedp itself races (Target.domEvent with
# Target.documentUpdated, chromedp 0.23).
test-browser: bin/e2e.test
	$(E2E) -test.skip '$(SCENES)|$(WINDOWS)|$(WAITING)'

test-waiting: bin/e2e.test
	$(E2E) -test.run '$(WAITING)'

test-others:
	ETAX_DOCTOR_WINE=$(WINE) go test -vet=off -race -timeout 20m $$(go list ./... | grep -vE '/host/e2e$$|/install/package$$')

# Without -race: it compresses in one goroutine, and takes three times as long with it.
test-packages:
	go test -vet=off -timeout 20m ./install/package

test-extension:
	npm test --silent

lint: deps static

static:
	for os in windows darwin; do CGO_ENABLED=0 GOOS=$$os go vet ./... || exit 1; done
	test -z "$$(gofmt -l .)" && go vet ./... && go tool staticcheck ./... && npm run --silent types && npm run --silent lint && go tool actionlint && shellcheck install/*.sh testdata/wine/*.sh .ci/run
	go test -count=1 ./install/licence
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

wine: deps
	./testdata/wine/setup.sh $(WINE)

matrix: deps wine
	cd host/e2e && ETAX_DOCTOR_WINE=$(WINE) MATRIX=1 go test -count 1 -timeout 20m -run TestMatrix

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

deps:
	./install/deps.sh test && npm ci --ignore-scripts --no-audit --no-fund --silent
