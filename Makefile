# Everything that a checkout can do. `make demo` and `make test` set up whatever they need.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto

# Images of Python often forbid it to keep what it compiled; then every process that starts spends three seconds on that.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-long soak fuzz lint bench bench-batch bench-http setup setup-tests lock clean

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: setup  ## Build the demonstration's world and serve it on http://localhost:8000
	$(BIN)/credentials demo

test: setup-tests  ## Run the tests: both databases, published vectors, hostile samples, pages, a real browser
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

test-long: setup-tests  ## Run the long forms too
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --long

soak: setup-tests  ## Kill a real server 200 times on each database while it issues
	$(BIN)/pytest tests/journeys/test_kill.py --long

fuzz: setup-tests  ## Mutate inputs for longer
	$(BIN)/pytest tests/proofs tests/openbadges tests/verification tests/jsonld -m long --long -n $(WORKERS)

lint: setup-tests  ## Format and check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-tests  ## Measure the credential core, as ratios to named rivals in the same run
	$(BIN)/python bench/run.py

bench-batch: setup-tests  ## Measure a batch of 10,000 badges of our own, beside their signatures alone
	$(BIN)/python bench/batch.py

bench-http: setup-tests  ## Measure verifying over HTTP, beside a route that only echoes
	$(BIN)/python bench/http_verify.py

lock: setup-tests  ## Resolve the dependencies anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --all-extras --group test --group node pyproject.toml -o requirements.lock
	npm install --package-lock-only --omit-lockfile-registry-resolved=true

setup:
	@$(PYTHON) tools/setup.py

setup-tests:
	@$(PYTHON) tools/setup.py --tests

clean:  ## Remove what was installed and built
	rm -rf .venv node_modules src/credentials/web/static/vendor var
