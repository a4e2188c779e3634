# chash: consistent-hash routing for PostgreSQL
#
#   make && make install && make installcheck     with a server and its headers
#   ./test/demo.sh, ./test/check.sh               with nothing but a shell and apt

EXTENSION = chash
MODULE_big = chash
DATA = chash--1.0.sql
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
PROJECT_HEADERS = $(wildcard src/*/*.h)

REGRESS = extension router binary fuzz ring dialect dialect_ring dialect_other \
	modulo hash_range range jump rendezvous maglev slots multiprobe bounded \
	key routing cache planner replicas looking named guard rescue \
	algebra pins moves redistribution compare privileges settings encoding \
	collation textbook postgres fixed_space tokens golden \
	partitions pruning partition_keys partition_rows partition_foreign_keys partition_joins check \
	partition_plans snapshots distribute distribute_refused limits reshard reshard_control reshard_plan \
	reshard_faults sibling secret
REGRESS_OPTS = --load-extension=chash

# not every package of PostgreSQL has the program that runs them
ISOLATION_SPECS = $(sort $(basename $(notdir $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --load-extension=chash --inputdir=test/isolation

PG_CPPFLAGS = -Isrc
# a fused multiply-add would round differently, and give some platforms other answers
PG_CFLAGS = -ffp-contract=off
SHLIB_LINK = -lcrypto

PG_CONFIG ?= pg_config

PGXS := $(shell $(PG_CONFIG) --pgxs)
ifneq ($(wildcard $(dir $(PGXS))../test/isolation/pg_isolation_regress),)
ISOLATION = $(ISOLATION_SPECS)
endif
include $(PGXS)

# PGXS does not know which header an object depends on
$(OBJS): $(PROJECT_HEADERS)

# the core's unit tests, which need no server
.PHONY: unit
unit:
	$(MAKE) -C test/core check

# fuzzing of the core; takes clang with libFuzzer, and a minute for each target (FUZZ_SECONDS)
.PHONY: fuzz
fuzz:
	$(MAKE) -s -C test/fuzz fuzz

# a minute of clang-tidy, with the checks that .clang-tidy lists
.PHONY: tidy
tidy:
	clang-tidy --quiet src/core/*.c -- -std=gnu99 -Isrc
