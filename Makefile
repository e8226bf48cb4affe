# 职防 Zhifang: make run · make test · make clean-data
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test clean-data lock python

run: $(VENV)/.run
	@$(BIN)/zhifang run

test: $(VENV)/.test
	@$(BIN)/python -m tests

clean-data: $(VENV)/.run
	@$(BIN)/zhifang clean-data

# Refresh the locks after changing pyproject.toml.
lock: $(VENV)/.test
	$(BIN)/uv lock --no-config
	$(BIN)/python -m tests.locks write

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "需要 Python 3.11 或更高版本；请安装后以 make PYTHON=python3.12 重试。" \
	       "/ Python 3.11 or newer is needed; install it and retry with make PYTHON=python3.12"; exit 1; }

$(BIN)/python: | python
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "无法建立虚拟环境，请安装 python3-venv。/ Cannot make a virtual environment: install python3-venv"; exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "正在安装依赖… / Installing what is needed…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.run
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@
