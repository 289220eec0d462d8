# make demo: set up and run the main job.   make test: set up and pass all tests.

VENV := .venv
PY := $(VENV)/bin/python
STAMPS := .stamps
PYTEST := $(PY) -m pytest -n auto --dist loadfile

# What is generated shows the tiers that ship, not those that somebody fetched here.
docs templates: export RINGFENCE_DATA := build/nothing-fetched

.PHONY: demo test check lint templates wheel oxt docs bench clean

demo: $(STAMPS)/run
	$(VENV)/bin/ringfence demo -o ringfence-demo

test: $(STAMPS)/dev lint
	scripts/install_libreoffice.sh
	scripts/install_chromium.sh
	RINGFENCE_REQUIRE_CALC=1 RINGFENCE_REQUIRE_CHROMIUM=1 RINGFENCE_REQUIRE_PYODIDE=1 $(PYTEST)

# Without LibreOffice: what a developer runs between two edits.
check: $(STAMPS)/dev lint
	$(PYTEST) --ignore tests/calc

lint: $(STAMPS)/dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

# The shipped workbooks and the LibreOffice extension, from the code that builds them.
templates: $(STAMPS)/run
	$(PY) -m ringfence_templates

wheel: $(STAMPS)/dev
	$(PY) -m build --wheel --outdir dist .

oxt: $(STAMPS)/run
	mkdir -p dist
	$(PY) -m ringfence_addin.hosts.calc dist/ringfence.oxt

docs: $(STAMPS)/run
	$(PY) scripts/formula_docs.py docs/formulas.md
	$(PY) scripts/venue_docs.py docs/venues.md

bench: $(STAMPS)/dev
	$(PY) benchmarks/run.py

$(STAMPS)/run: pyproject.toml
	scripts/make_venv.sh $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: pyproject.toml
	scripts/make_venv.sh $(VENV) dev
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/run

clean:
	rm -rf $(VENV) $(STAMPS) build dist ringfence-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
