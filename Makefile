# Everything a developer or a visitor runs. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
PACKAGES := dragoman_contract dragoman_kit dragoman_edge dragoman_accounts dragoman_archive dragoman_stt dragoman_translation \
	dragoman_tts dragoman_models dragoman_cli

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: ## Install what is missing: uv, the Python packages, the engines' system packages
	@UV="$(UV)" scripts/setup

.PHONY: demo
demo: setup ## Start the whole mesh, stream speech through it, show and keep the results (WAV=path for your own)
	@$(RUN) dragoman demo $(if $(WAV),--wav "$(WAV)") $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO))

.PHONY: up
up: setup ## Run the whole mesh on this machine; it prints an address to open in a browser
	@$(RUN) dragoman up

.PHONY: test
test: ## Set everything up, run every check and every test that needs no container
	@UV="$(UV)" scripts/setup tests/system-packages.txt
	@$(MAKE) check

.PHONY: check
check: lint unit-coverage ## Lint, format, types, import rules, contract, tests
	$(RUN) pytest --ignore=tests/e2e -m integration -n auto --maxprocesses 4 --dist loadfile

.PHONY: lint
lint: ## Everything of `check` but the tests
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy $(addprefix -p ,$(PACKAGES) dragoman_scripted tests)
	$(RUN) mypy scripts
	$(RUN) lint-imports --no-cache
	$(RUN) buf lint proto
	$(RUN) python scripts/generate_proto.py --check
	$(RUN) python scripts/asyncapi.py --check
	$(RUN) python scripts/openapi.py --check
	$(RUN) python scripts/version.py --check
	$(RUN) python scripts/check_docstrings.py
	$(RUN) python scripts/check_mirror.py
	cmp helm/dragoman/files/nats-permissions.yaml services/cli/dragoman_cli/nats-permissions.yaml

UNIT := pytest -q -n auto -m "not integration"
# Each worker reads every test: with bytecode kept, in a quarter of the time, also where the environment forbids it.
unit unit-coverage: export PYTHONDONTWRITEBYTECODE :=

.PHONY: unit
unit: ## The unit tests: no server, no process, no model; under a minute
	$(RUN) $(UNIT) --hypothesis-profile=unit

.PHONY: unit-coverage
unit-coverage: ## Branch coverage by unit tests alone, checked by room and module
	@mkdir -p out
	$(RUN) $(UNIT) --cov --cov-branch --cov-report=json:out/coverage.json --cov-report=
	$(RUN) python scripts/check_coverage.py out/coverage.json

.PHONY: attack
attack: setup ## Attack a real mesh of this machine: what held, and how much later another account was served (ARGS=--scripted, COUNT=100000)
	@gave= ; \
	$(RUN) pytest tests/security -v --durations=0 || gave="$$gave tests" ; \
	$(RUN) python -m tests.security.fairness $(ARGS) || gave="$$gave fairness" ; \
	$(RUN) python -m tests.security.check_costs || gave="$$gave costs" ; \
	$(RUN) python -m tests.security.fuzz $(if $(COUNT),--count $(COUNT)) || gave="$$gave fuzz" ; \
	[ -z "$$gave" ] && echo "every attack held" || { echo "gave way:$$gave" ; exit 1 ; }

.PHONY: quick
quick: ## The tests that need no model
	$(RUN) pytest --ignore=tests/e2e -m "not mesh"

.PHONY: e2e
e2e: setup ## Build the images and drive real speech through them in containers (NATS_IMAGE, VALKEY_IMAGE, PYTHON_IMAGE)
	@$(RUN) pytest tests/e2e

TAG ?= $(shell sed -n 's/^appVersion: "\(.*\)"/\1/p' helm/dragoman/Chart.yaml)
IMAGES := edge accounts archive stt-with-models translation-with-models tts cli $(if $(CUDA),stt translation)

.PHONY: images
images: ## Build the images (TAG=…, PYTHON_IMAGE=…; CUDA=1 for GPUs)
	@for target in $(IMAGES); do \
	  docker build -f deploy/Dockerfile --target $$target -t dragoman/$$target:$(TAG) --build-arg BUILD=$(TAG) \
	    $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) $(if $(CUDA),--build-arg CUDA="--extra cuda") . || exit 1 ; \
	done

.PHONY: push
push: ## Build the images and push them to your registry, for the chart's image.registry (REGISTRY=registry.example.com/team)
	@test -n "$(REGISTRY)" || { echo 'say where to: make push REGISTRY=registry.example.com/team'; exit 2; }
	@$(MAKE) images TAG=$(TAG)
	@for target in $(IMAGES); do \
	  docker tag dragoman/$$target:$(TAG) $(REGISTRY)/dragoman/$$target:$(TAG) && docker push $(REGISTRY)/dragoman/$$target:$(TAG) || exit 1 ; \
	done
	@echo "helm install dragoman helm/dragoman --set image.registry=$(REGISTRY) --set image.tag=$(TAG) --wait --timeout 10m"

# What pip-audit asks for each package; a mirror that answers without it would leave nothing known, and so nothing found.
AUDIT_URL ?= https://pypi.org/pypi/pip/25.0/json

.PHONY: audit
audit: ## Known vulnerabilities of the Python packages in the lock file, by pip-audit (asks pypi.org)
	@curl --fail --silent --location --output /dev/null --max-time 20 "$(AUDIT_URL)" || { \
	  echo "not audited: pypi.org, which knows the vulnerabilities, cannot be reached from here; the workflow 'test' audits every week" >&2 ; exit 3 ; }
	@mkdir -p out
	@$(UV) export --quiet --frozen --all-packages --all-extras --no-emit-workspace --no-dev --output-file out/locked.txt >/dev/null
	$(UV) tool run --from pip-audit==2.9.0 pip-audit --strict --requirement out/locked.txt --require-hashes --disable-pip --progress-spinner off

.PHONY: sbom
sbom: ## CycloneDX lists of what is in the images' Python environments, from the lock file, into out/sbom
	@mkdir -p out/sbom
	@for service in edge accounts archive stt translation tts; do \
	  $(UV) export --quiet --frozen --no-dev --package dragoman-$$service --extra otlp \
	    $$([ $$service != stt ] || echo --extra denoise) --preview-features sbom-export \
	    --format cyclonedx1.5 --output-file out/sbom/$$service.json >/dev/null ; \
	done
	@ls out/sbom

.PHONY: kind-up
kind-up: images ## A cluster on this machine by kind, with the mesh in it at http://127.0.0.1:8080
	kind get clusters | grep -qx dragoman || kind create cluster --config deploy/kind.yaml --wait 2m
	docker pull nats:2.12-alpine && docker pull valkey/valkey:8-alpine
	kind load docker-image --name dragoman $(IMAGES:%=dragoman/%:$(TAG)) nats:2.12-alpine valkey/valkey:8-alpine
	helm upgrade --install dragoman helm/dragoman -f helm/dragoman/values-trial.yaml --kube-context kind-dragoman \
	  --set image.tag=$(TAG) \
	  --set service.type=NodePort --set service.nodePort=30080 --wait --timeout 10m
	helm test dragoman --kube-context kind-dragoman --logs

.PHONY: kind-down
kind-down: ## Remove it
	kind delete cluster --name dragoman

.PHONY: fuzz
fuzz: setup ## A hundred thousand hostile conversations and more, for every dialect (EXAMPLES=20000 each)
	FUZZ_EXAMPLES=$(or $(EXAMPLES),20000) $(RUN) pytest -q --hypothesis-profile=fuzz tests/edge/dialects/test_fuzz.py

.PHONY: mutants
mutants: setup ## Change the code that orders results and counts money, piece by piece: which changes no unit test notices
	nice $(RUN) python scripts/mutants.py $(ONLY)

.PHONY: chaos
chaos: setup ## Break things under many sessions and compare what each client got (SEEDS="1 2 3" SESSIONS=100)
	$(RUN) python -m tests.chaos.harness --seeds $(or $(SEEDS),1 2 3) --sessions $(or $(SESSIONS),100) $(ARGS)

.PHONY: chaos-alone
chaos-alone: setup ## The same with one replica of each service: cuts of each connection, lost data, a full disk, stopped clocks (FAULTS=60)
	$(RUN) python -m tests.chaos.alone --seeds $(or $(SEEDS),1 2 3) --sessions $(or $(SESSIONS),100) --faults $(or $(FAULTS),60) $(ARGS)

.PHONY: bench
bench: setup ## Measure everything on this machine, beside the peers and the limit (ONLY="edge job", SKIP_PEERS=1)
	$(RUN) python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(SKIP_PEERS),--skip-peers)

.PHONY: fmt
fmt: ## Format, and fix what can be fixed
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

.PHONY: proto
proto: ## Generate the protobuf code of the contract
	$(RUN) python scripts/generate_proto.py

.PHONY: clean
clean: ## Remove what was made here
	rm -rf .venv .tools out .mypy_cache .ruff_cache .pytest_cache .hypothesis
