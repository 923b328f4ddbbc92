# Two commands are enough on a machine with Python 3.11: `make run` and `make test`.
.PHONY: run test check bench clean locks messages

run:        ## install, start the embedded database, demo data, web server and worker; PORT and DATA_DIR choose where
	@bin/setup && exec .venv/bin/python manage.py serve --prepare

test:       ## all tests, with the browser where there is one and on Debian's PostgreSQL where it is installed
	@bin/setup dev && bin/chromium && bin/mail-servers && bin/test

check:      ## everything but the tests
	@bin/setup dev && bin/check

bench:      ## the figures that a release must reach
	@bin/setup dev && .venv/bin/python -m bench && .venv/bin/python -m bench.desk_search && .venv/bin/python -m bench.runs && exec .venv/bin/python -m bench.mail

clean:      ## stop the embedded database of this copy, then delete its data, environment and caches
	@bin/clean

locks:      ## resolve the dependencies of pyproject.toml anew
	@bin/setup dev && bin/locks

messages:   ## collect the texts and merge locale/parts into the German translation
	@bin/setup dev && .venv/bin/python bin/messages
