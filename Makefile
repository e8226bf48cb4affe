# 职防 Zhifang: make run · make test · make prove · make clean-data · make lock
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q install

# What is installed is told from the contents of the locks, never from their dates.
RUN := $(VENV)/run-$(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
TEST := $(VENV)/test-$(shell cat requirements-test.lock pyproject.toml | cksum | cut -d' ' -f1)

.PHONY: run test prove clean-data lock

run: $(RUN)
	@$(BIN)/zhifang run

test: $(TEST)
	@$(BIN)/python -m tests

# Kills under load, about five minutes: is anything acknowledged ever lost?
prove: $(TEST)
	@$(BIN)/python -m tests.prove

clean-data: $(RUN)
	@$(BIN)/zhifang clean-data

# Refresh the locks after changing pyproject.toml.
lock: $(RUN)
	@$(PIP) --require-hashes -r requirements-test.lock
	env -u UV_INDEX -u UV_INDEX_URL -u UV_DEFAULT_INDEX $(BIN)/uv lock --no-config
	$(BIN)/python -m tests.locks write

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "需要 Python 3.11 或更高版本：请安装，并以 make PYTHON=python3.12 这样的写法指明。" \
	       "/ Python 3.11 or newer is needed: install it and name it, as in make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "无法建立虚拟环境：请安装 python3-venv，再重试。" \
	       "/ Cannot make a virtual environment: install python3-venv, then retry"; exit 1; }

$(RUN): $(BIN)/python
	@echo "正在安装依赖（首次约半分钟）… / Installing what is needed (half a minute the first time)…"
	@{ $(PIP) --require-hashes -r requirements.lock && \
	   $(PIP) --no-deps --no-build-isolation -e .; } || { \
	  echo "安装未成：请检查网络或 pip 的镜像设置，再重试；如仍不成，删除 $(VENV) 后重试。" \
	       "/ Not installed: check the network or pip's mirror setting, then retry;" \
	       "if it still fails, delete $(VENV) and retry"; exit 1; }
	@touch $@

$(TEST): $(RUN)
	@$(PIP) --require-hashes -r requirements-test.lock
	@touch $@
