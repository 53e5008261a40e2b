.PHONY: demo desk test quick coverage docs proof fuzz lock declare bench compare clean

demo:
	scripts/install.sh
	.venv/bin/python generate.py make microneedling-aftercare \
	  --clinic examples/lumen-skin-clinic --treatment examples/treatment.toml \
	  --language en --language es --language ar --language zh-Hans --to out

desk:
	scripts/install.sh
	.venv/bin/python generate.py desk --clinic examples/lumen-skin-clinic --open

test:
	scripts/install.sh test
	scripts/test.sh

quick:
	test -x .venv/bin/pytest || scripts/install.sh test
	scripts/quick.sh

coverage:
	scripts/install.sh test
	scripts/test.sh --cov

docs:
	scripts/install.sh test
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

proof:
	scripts/install.sh test
	HANDOUTS_PROOF_ROWS=1000 HANDOUTS_EVERY_FORM=1 .venv/bin/pytest tests/test_exactly_once.py tests/test_personalising.py \
	  tests/test_phone.py tests/test_typesetting.py

fuzz:
	scripts/install.sh test
	HANDOUTS_FUZZ_SECONDS=600 .venv/bin/pytest -n 2 tests/test_fuzz.py

lock:
	scripts/lock.sh

declare:
	scripts/install.sh test
	.venv/bin/python scripts/declare.py

bench:
	scripts/install.sh test
	.venv/bin/python -m benchmarks --on "$$(date +%F)" $(BENCH)

compare:
	scripts/install.sh test
	.venv/bin/python -m benchmarks.comparison build/comparison

clean:
	rm -rf .venv out build dist tests/verapdf/build htmlcov .coverage .coverage.* \
	  .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
