# Everything is set up by itself: see signaalpunt/stack, which needs nothing but Python's standard library.
PYTHON ?= python3
UV ?= uv

# As it was typed: neither make nor a shell gets to read the quotes and dollars in it.
override ARGS := $(value ARGS)
export ARGS

COMPILE = $(UV) pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate

.PHONY: help run test manage backup restore restore-drill bench-sweep bench-flood bench-login bench-ledger bench-submit faultlab lock

help:
	@echo "make run                      the portal with demo data on http://localhost:8000/ (PORT=8080 for another port)"
	@echo "make test                     all tests (ARGS=\"tests/test_stack.py -x\" for some of them)"
	@echo "make manage ARGS=\"command\"    a management command, beside make run or on its own"
	@echo "make backup                   a backup of the portal, encrypted: a file of data and one of keys"
	@echo "make restore                  the newest backup put back and checked (ARGS=\"--replace\" over what is there)"
	@echo "make restore-drill            a backup restored into an empty database of its own, and how long that takes"
	@echo "make bench-sweep              what a sweep costs with up to a million open signals (more than half an hour)"
	@echo "make bench-flood              50 POSTs a second from one address, and who still gets through (a few minutes)"
	@echo "make bench-login              whether a known account takes longer to refuse than an unknown one (some minutes)"
	@echo "make bench-ledger             what recording costs with the ledger, and verifying a million rows (about ten minutes)"
	@echo "make bench-submit             the public form beside the barest Django form, request by request (some minutes)"
	@echo "make faultlab                 breaks the portal in every way and judges it (under 40 minutes; ARGS=\"web-killed\" for some)"
	@echo "make lock                     compile requirements/*.txt again from pyproject.toml (needs uv)"

run:
	@$(PYTHON) -m signaalpunt.stack run

test:
	@$(PYTHON) -m signaalpunt.stack test

manage:
	@$(PYTHON) -m signaalpunt.stack manage

backup:
	@$(PYTHON) -m signaalpunt.stack backup

restore:
	@$(PYTHON) -m signaalpunt.stack restore

restore-drill:
	@$(PYTHON) -m signaalpunt.stack restore-drill

bench-sweep:
	@$(PYTHON) -m signaalpunt.stack bench-sweep

bench-flood:
	@$(PYTHON) -m signaalpunt.stack bench-flood

bench-login:
	@$(PYTHON) -m signaalpunt.stack bench-login

bench-ledger:
	@$(PYTHON) -m signaalpunt.stack bench-ledger

bench-submit:
	@$(PYTHON) -m signaalpunt.stack bench-submit

faultlab:
	@$(PYTHON) -m signaalpunt.stack faultlab

lock:
	$(COMPILE) pyproject.toml -o requirements/base.txt
	$(COMPILE) pyproject.toml --extra embedded -o requirements/local.txt
	$(COMPILE) pyproject.toml --extra embedded --extra test -o requirements/test.txt
	$(COMPILE) signaalpunt/stack/uv.in -o signaalpunt/stack/uv.txt
