.PHONY: demo test lock bench clean

demo:
	scripts/install.sh
	.venv/bin/python generate.py make microneedling-aftercare \
	  --clinic examples/lumen-skin-clinic --treatment examples/treatment.toml \
	  --language en --language es --language ar --language zh-Hans --to out

test:
	scripts/install.sh test
	scripts/test.sh

lock:
	scripts/lock.sh

bench:
	scripts/install.sh test
	.venv/bin/python scripts/benchmark.py

clean:
	rm -rf .venv out build dist tests/verapdf/build htmlcov .coverage .coverage.* \
	  .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
