# 同行. `make` alone lists what there is. Needs Python 3.11+; makes everything else itself.

PYTHON ?= python3
PORT ?= 8000
TESTS ?=
CASES ?=

VENV := .venv
RUN_READY := $(VENV)/ready-to-run
TEST_READY := $(VENV)/ready-to-test
THIRD_PARTY := $(wildcard tests/third_party_plugin/pyproject.toml)

# An environment points at the folder it was made for: a moved or copied checkout needs its own.
ifneq ($(shell cat $(VENV)/made-for 2>/dev/null),$(CURDIR))
MOVED := moved
endif

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench lock clean moved

help:
	@echo "make run [PORT=8000]  安装并启动，首次启动会载入示例活动"
	@echo "make setup            只安装（运行与测试所需）"
	@echo "make test [TESTS=…]   运行测试"
	@echo "make check            代码规范、类型与依赖方向检查"
	@echo "make format           整理代码格式"
	@echo "make bench [CASES=…]  性能测试"
	@echo "make lock             重新生成依赖清单（需要 uv）"
	@echo "make clean            删除安装的环境与缓存（不动 data/）"

setup: $(RUN_READY) $(TEST_READY)

run: $(RUN_READY)
	@$(VENV)/bin/python app.py run --port $(PORT)

test: setup
	@tests/install_browser.sh
	@$(VENV)/bin/python -m pytest --numprocesses=auto --dist=worksteal $(TESTS)

check: setup
	@echo "检查代码规范……" && $(VENV)/bin/python -m ruff check .
	@echo "检查代码格式……" && $(VENV)/bin/python -m ruff format --check .
	@echo "检查类型……" && $(VENV)/bin/python -m mypy
	@echo "检查依赖方向……" && $(VENV)/bin/lint-imports

format: setup
	@$(VENV)/bin/python -m ruff check --fix-only .
	@$(VENV)/bin/python -m ruff format .

bench: setup
	@$(VENV)/bin/python -m bench $(CASES)

lock:
	@requirements/compile

clean:
	rm -rf $(VENV) node_modules build *.egg-info .mypy_cache .pytest_cache .ruff_cache \
	    .import_linter_cache .hypothesis

$(RUN_READY): requirements/build.txt requirements/run.txt pyproject.toml requirements/install $(MOVED)
	@PYTHON="$(PYTHON)" requirements/install run

$(TEST_READY): $(RUN_READY) requirements/dev.txt package-lock.json $(THIRD_PARTY)
	@requirements/install test
