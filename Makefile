# 观潮 Guanchao: every command there is; `make` alone prints the list.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= $(or $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done),python3)
PY := .venv/bin/python
PLACE := $(if $(STATE),--state "$(STATE)") $(if $(PORT_BASE),--port-base $(PORT_BASE))
SHOWN := $(if $(VERBOSE),--verbose) $(if $(COUNTER),--counter)

##@ 运行 Run
run: stack-prerequisites .venv/.run ## 启动全部，Ctrl-C 停止 · everything on this machine [STATE= PORT_BASE= SPEED= VERBOSE=1 COUNTER=1]
	@$(PY) -m deploy.embedded run $(PLACE) $(SHOWN) $(if $(SPEED),--speed $(SPEED))

demo: stack-prerequisites .venv/.run ## 一个合成交易日，与标准答案比对 · one synthetic day against its golden list [SEED= COUNTER=1]
	@$(PY) -m deploy.embedded demo $(PLACE) $(SHOWN) $(if $(SEED),--seed $(SEED))

tour: .venv/.run ## make run 运行时，每个通道发一条测试消息 · a test message by every channel while `make run` runs [STATE=]
	@.venv/bin/guanchao $(if $(STATE),--state "$(STATE)") notify channels try --staff r001 --role risk \
		--wecom gc-r001 --mobile 16900030001 --email r001@broker.example

stores: stack-prerequisites .venv/.run ## 只启动存储 · Kafka, PostgreSQL and Valkey alone
	@$(PY) -m deploy.embedded stores $(PLACE)

SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile # each process starts stores of its own

##@ 检查 Check
check: .venv/.dev ## 格式、规则、类型、架构、契约 · format, lint, types, architecture, contracts, locks
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m tools.contracts --check
	$(PY) -m tools.docs --check
	.venv/bin/pytest -q tests/unit/embedded/test_requirements.py

test: stack-prerequisites .venv/.dev ## 测试 · the tests, real stores included [ARGS=]
	.venv/bin/pytest -m "not full" $(SIDE_BY_SIDE) $(ARGS)

test-full: stack-prerequisites .venv/.dev ## 全部测试，含长测试 · all tests, the long ones too [ARGS=]
	.venv/bin/pytest $(ARGS)

test-full-ci: stack-prerequisites .venv/.dev ## 预算时间内的长测试 · the long tests that fit [TEST_BUDGET_S=]
	.venv/bin/pytest -m full $(ARGS) || [ $$? -eq 5 ] # 5: there is none

bench: stack-prerequisites .venv/.dev ## 基准，每项一行 BENCH · benchmarks [NAME= QUICK=1 ARGS=]
	@$(MAKE) -s .venv-bench/.peers || echo "✗ 同行装不上，只测其余 | without the peers that could not be installed" >&2
	$(PY) -m bench $(NAME) $(if $(QUICK),--quick) $(ARGS)

fault: stack-prerequisites .venv/.dev ## 故障，每项一行 FAULT · fault rows [ROW= KILLS= SEED=]
	$(PY) -m tests.fault $(ROW) $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

##@ 生成 Generate
docs: .venv/.dev ## 由代码生成文档 · docs that are written by the code
	$(PY) -m tools.docs

contracts: .venv/.dev ## 契约的模式与样例 · schemas, golden messages and structs
	$(PY) -m tools.contracts

calendar: .venv/.dev ## 交易日历数据 · the calendar's data file
	$(PY) -m tools.calendar_data

EXTRAS := --extra ingest --extra mot --extra notify --extra profile --extra embedded
COMPILE = .venv/bin/uv pip compile -q --universal --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml
lock: .venv/.dev ## 依赖锁定 · the locks, every hash [ARGS=--upgrade]
	$(COMPILE) $(EXTRAS) $(ARGS) -o requirements/run.txt
	$(COMPILE) $(EXTRAS) --extra dev -c requirements/run.txt $(ARGS) -o requirements/dev.txt
	.venv/bin/uv pip compile -q --universal --generate-hashes \
		--custom-compile-command "make lock" --group bench $(ARGS) -o requirements/bench.txt
	echo "uv==$$(.venv/bin/uv --version | cut -d' ' -f2)" | .venv/bin/uv pip compile -q --universal \
		--generate-hashes --custom-compile-command "make lock" - -o requirements/bootstrap.txt

PAGE ?= http://127.0.0.1:18004/
PICTURE ?= docs/images/sandbox.png
screenshot: ## 运行中的消息页截图 · a picture of the page while `make run` runs [PAGE= PICTURE=]
	@command -v chromium >/dev/null || { echo "✗ 缺少 chromium：运行 apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji" >&2; exit 1; }
	@mkdir -p $(dir $(PICTURE))
	chromium --headless $(if $(filter 0,$(shell id -u)),--no-sandbox) --disable-gpu \
		--hide-scrollbars --window-size=1200,900 --screenshot=$(PICTURE) $(PAGE)

clean: ## 删除环境和缓存，不动状态 · the environment and caches; .guanchao stays
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## 本列表 · this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { print "\n" substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The environment: remade only when a lock has changed.
.venv/.python: | prerequisites
	@test -w . || { echo "✗ 目录 $(CURDIR) 不可写：换一个可写的目录克隆 | this directory cannot be written: clone into another one" >&2; exit 1; }
	@echo "  创建 .venv · creating .venv …" >&2
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: requirements/run.txt requirements/bootstrap.txt requirements/guanchao .venv/.python
	@requirements/install .venv $<
	@install -m 755 requirements/guanchao .venv/bin/guanchao
	@touch $@

.venv/.dev: requirements/dev.txt requirements/bootstrap.txt requirements/guanchao .venv/.python
	@requirements/install .venv $<
	@install -m 755 requirements/guanchao .venv/bin/guanchao
	@touch $@ .venv/.run

.venv-bench/.peers: requirements/bench.txt requirements/bootstrap.txt | prerequisites
	@echo "  创建 .venv-bench · creating .venv-bench …" >&2
	@$(PYTHON) -m venv .venv-bench
	@requirements/install .venv-bench $<
	@touch $@

prerequisites stack-prerequisites:
	@command -v $(PYTHON) >/dev/null || { echo "✗ 缺少 Python 3.11+：运行 apt-get install python3 python3-venv | Python 3.11+ is missing: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -m deploy.embedded.prerequisites $(filter stack,$(subst -, ,$@))

.PHONY: run demo tour stores check test test-full test-full-ci bench fault docs contracts calendar lock \
	screenshot clean help prerequisites stack-prerequisites
