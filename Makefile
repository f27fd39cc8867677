# Two commands for people: `make demo` and `make test`. The rest is for who changes the code.
# ARGS are handed on: make demo ARGS="--listen 0.0.0.0:8080", make test ARGS="the_walk".

ARGS ?=

.PHONY: help demo test lint format schema bench graphiql

help:
	@echo "make demo     the main job on sample data, in one process on SQLite; stops on Ctrl-C"
	@echo "make test     all tests, on SQLite and PostgreSQL; installs what is missing where it can"
	@echo "make lint     format and lint checks, as CI does them"
	@echo "make format   formats the code"
	@echo "make schema   writes schema.graphql anew"
	@echo "make bench    the benchmarks, optimised (some need PostgreSQL, which is started)"
	@echo "make graphiql bundles the GraphiQL page anew (needs Node)"

demo:
	@scripts/need.sh rust
	cargo run --locked -- demo $(ARGS)

test:
	@scripts/test.sh $(ARGS)

lint:
	@scripts/need.sh rust
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

format:
	cargo fmt --all

# Through a draft, so that a failed build leaves the file as it was.
schema:
	@scripts/need.sh rust
	@mkdir -p target
	cargo run --locked --quiet -- schema > target/schema.graphql
	mv target/schema.graphql schema.graphql

bench:
	@scripts/need.sh rust
	@scripts/with-postgres.sh cargo bench --workspace --locked $(ARGS)

graphiql:
	@scripts/need.sh node
	npm ci --prefix scripts/graphiql
	npm run build --prefix scripts/graphiql
