FUZZTIME ?= 10s
WINE ?= $(or $(TMPDIR),/tmp)/etax-doctor-wine

.PHONY: build test lint package bench matrix fuzz wine deps

build:
	CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o bin/etax-doctor ./host

test: deps lint wine
	ETAX_DOCTOR_WINE=$(WINE) go test -race ./... && npm test --silent

lint: deps
	for os in linux windows darwin; do CGO_ENABLED=0 GOOS=$$os go vet ./... || exit 1; done
	test -z "$$(gofmt -l .)" && go vet ./... && go tool staticcheck ./... && npm run --silent types && npm run --silent lint && shellcheck install/*.sh testdata/wine/*.sh .ci/run

package:
	./install/deps.sh package && go run ./install/package -output dist

bench: deps wine
	go test -run '^$$' -bench 'CardRead|Start|ManyReaders|Machine' -benchtime 50x ./host/bench && go test -run '^$$' -bench WatchIdle -benchtime 1x ./host/bench && go test -run '^$$' -bench 'Press|ContentScript' -benchtime 10x ./host/e2e && ETAX_DOCTOR_WINE=$(WINE) go test -run '^$$' -bench ProbesUnderWine -benchtime 1x -v ./host/e2e

wine: deps
	./testdata/wine/setup.sh $(WINE)

matrix: deps
	MATRIX=1 go test -count 1 -v -run TestMatrix ./checks | grep -vE "^ *(=== |--- PASS)"

fuzz:
	for target in checks/apdu:FuzzGate checks/jpki:FuzzRead checks/jpki:FuzzCertificate checks/jpki:FuzzToken checks/card:FuzzKindOf checks/virtualcard:FuzzCard host/nativemsg:FuzzRead host/session:FuzzMessage checks/app:FuzzManifest checks/policy:FuzzSettings; do \
		go test -run '^$$' -fuzz "^$${target#*:}$$" -fuzztime $(FUZZTIME) ./$${target%:*} || exit 1; \
	done

deps:
	./install/deps.sh test && npm ci --ignore-scripts --no-audit --no-fund --silent
