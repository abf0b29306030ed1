# A machine needs Python 3.11 or newer, a shell and make; the rest is fetched into .venv.
FLASK = FLASK_SKIP_DOTENV=1 .venv/bin/python -m flask --app wsgi
PYTEST = .venv/bin/python -m pytest

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: runtime ## the whole product in one terminal: http://127.0.0.1:8000, or PORT=
	@exec .venv/bin/python -m clinic up

test: dev ## lint and every test; installs what they need
	@tools/test.sh

lint: dev ## formatting, types, import rules, templates
	@tools/lint.sh

trust: dev ## the promises at full size: faults and races, with real servers
	@CLINIC_TRUST=full $(PYTEST) -m trust -s
	@CLINIC_TRUST=full $(PYTEST) -n auto tests/api tests/core/test_bad_input.py

attack: dev ## strangers who play by the forms, against the started product (part of trust)
	@CLINIC_TRUST=full $(PYTEST) -m trust -s tests/trust/attack

bench: dev ## how fast it is, beside a base measured in the same run
	@.venv/bin/python -m bench

worker: runtime ## background jobs alone (needs REDIS_URL)
	@.venv/bin/python -m clinic worker

scheduler: runtime ## periodic jobs alone (needs REDIS_URL)
	@.venv/bin/python -m clinic scheduler

init-db: runtime ## create or migrate the configured database
	@$(FLASK) init-db

reset-db: runtime ## empty the configured database; refused in production
	@$(FLASK) reset-db

secrets: ## what docker-compose.yml hands over as files, made once into secrets/
	@tools/secrets.sh

backup: runtime ## save the configured database into .data/backups
	@$(FLASK) backup

restore: runtime ## FILE=... put a backup into the configured database
	@$(FLASK) restore "$(FILE)"

messages: dev ## gather the words of the product for translators
	@.venv/bin/python tools/messages.py

lock: dev ## pin anew what pyproject.toml allows
	@tools/lock.sh

runtime:
	@tools/setup.sh runtime

dev:
	@tools/setup.sh dev

.PHONY: help run test lint trust attack bench worker scheduler init-db reset-db secrets backup restore messages lock runtime dev
