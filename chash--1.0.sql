-- chash 1.0: consistent-hash routing of keys to shards

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION chash" to load this file. \quit

-- ---------------------------------------------------------------------------
-- The type
-- ---------------------------------------------------------------------------

CREATE TYPE chash_router;

CREATE FUNCTION chash_router_in(cstring) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_in(cstring) IS 'I/O: a router from its JSON text';

CREATE FUNCTION chash_router_out(chash_router) RETURNS cstring
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_out(chash_router) IS 'I/O: a router as canonical JSON text';

CREATE FUNCTION chash_router_recv(internal) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_recv(internal) IS 'I/O: a router from its binary form';

CREATE FUNCTION chash_router_send(chash_router) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_send(chash_router) IS 'I/O: a router in binary form';

CREATE TYPE chash_router (
	INPUT = chash_router_in,
	OUTPUT = chash_router_out,
	RECEIVE = chash_router_recv,
	SEND = chash_router_send,
	INTERNALLENGTH = VARIABLE,
	STORAGE = extended
);
COMMENT ON TYPE chash_router IS 'how keys map to shards: a strategy, a hash, parameters and shards';

CREATE FUNCTION chash_router(jsonb) RETURNS chash_router
	AS 'MODULE_PATHNAME', 'chash_router_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router(jsonb) IS 'a router from jsonb';

CREATE FUNCTION chash_router_to_jsonb(chash_router) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_to_jsonb(chash_router) IS 'a router as jsonb';

CREATE CAST (jsonb AS chash_router) WITH FUNCTION chash_router(jsonb) AS ASSIGNMENT;
CREATE CAST (chash_router AS jsonb) WITH FUNCTION chash_router_to_jsonb(chash_router) AS ASSIGNMENT;

CREATE FUNCTION chash_router_eq(chash_router, chash_router) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_eq(chash_router, chash_router) IS 'implementation of = operator';

CREATE FUNCTION chash_router_ne(chash_router, chash_router) RETURNS boolean
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_ne(chash_router, chash_router) IS 'implementation of <> operator';

CREATE FUNCTION chash_router_hash(chash_router) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_hash(chash_router) IS 'hash support';

CREATE FUNCTION chash_router_hash_extended(chash_router, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_hash_extended(chash_router, bigint) IS 'hash support';

CREATE OPERATOR = (
	LEFTARG = chash_router, RIGHTARG = chash_router, FUNCTION = chash_router_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (chash_router, chash_router) IS 'the same router';

CREATE OPERATOR <> (
	LEFTARG = chash_router, RIGHTARG = chash_router, FUNCTION = chash_router_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (chash_router, chash_router) IS 'not the same router';

CREATE OPERATOR CLASS chash_router_ops DEFAULT FOR TYPE chash_router USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 chash_router_hash(chash_router),
	FUNCTION 2 chash_router_hash_extended(chash_router, bigint);
COMMENT ON OPERATOR CLASS chash_router_ops USING hash IS 'equal routers';

-- ---------------------------------------------------------------------------
-- Constructors
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_modulo(
	shards text[], weights double precision[] DEFAULT NULL, hash text DEFAULT NULL,
	dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_modulo(text[], double precision[], text, text)
	IS 'router: hash of the key modulo the number of shards';

CREATE FUNCTION chash_hash_range(
	shards text[], weights double precision[] DEFAULT NULL, hash text DEFAULT NULL,
	bits integer DEFAULT NULL, dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_hash_range(text[], double precision[], text, integer, text)
	IS 'router: the space of hashes cut into equal ranges';

CREATE FUNCTION chash_range(
	shards text[], bounds text[] DEFAULT NULL, key_type text DEFAULT NULL,
	"collation" text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_range(text[], text[], text, text)
	IS 'router: the keys themselves cut at bounds, each the first key of the next shard';

CREATE FUNCTION chash_ring(
	shards text[], weights double precision[] DEFAULT NULL, vnodes integer DEFAULT NULL,
	hash text DEFAULT NULL, bits integer DEFAULT NULL, label text DEFAULT NULL,
	search text DEFAULT NULL, digest_points integer DEFAULT NULL,
	tokens text[] DEFAULT NULL, dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_ring(text[], double precision[], integer, text, integer, text, text, integer, text[], text)
	IS 'router: consistent hashing, a ring of virtual nodes';

CREATE FUNCTION chash_jump(
	shards text[], hash text DEFAULT NULL, dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_jump(text[], text, text)
	IS 'router: consistent hashing of numbered shards, by jump hash';

CREATE FUNCTION chash_jumpback(
	shards text[], hash text DEFAULT NULL, dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_jumpback(text[], text, text)
	IS 'router: consistent hashing of numbered shards, by JumpBackHash';

CREATE FUNCTION chash_rendezvous(
	shards text[], weights double precision[] DEFAULT NULL, hash text DEFAULT NULL,
	dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_rendezvous(text[], double precision[], text, text)
	IS 'router: consistent hashing, the shard with the highest score';

CREATE FUNCTION chash_maglev(
	shards text[], weights double precision[] DEFAULT NULL, hash text DEFAULT NULL,
	slots integer DEFAULT NULL, dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_maglev(text[], double precision[], text, integer, text)
	IS 'router: consistent hashing, a table that shards fill in turns';

CREATE FUNCTION chash_slots(
	shards text[], weights double precision[] DEFAULT NULL, slots integer DEFAULT NULL,
	replicas integer DEFAULT NULL, assignment text[] DEFAULT NULL, hash text DEFAULT NULL,
	prefix text DEFAULT NULL, suffix text DEFAULT NULL, dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_slots(text[], double precision[], integer, integer, text[], text, text, text, text)
	IS 'router: a fixed number of slots, each assigned to a shard';

CREATE FUNCTION chash_multiprobe(
	shards text[], probes integer DEFAULT NULL, hash text DEFAULT NULL,
	dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_multiprobe(text[], integer, text, text)
	IS 'router: consistent hashing, one point for each shard and several probes for each key';

CREATE FUNCTION chash_bounded(
	shards text[], weights double precision[] DEFAULT NULL, load double precision DEFAULT NULL,
	slots integer DEFAULT NULL, vnodes integer DEFAULT NULL, hash text DEFAULT NULL,
	dialect text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_bounded(text[], double precision[], double precision, integer, integer, text, text)
	IS 'router: consistent hashing, a ring on which no shard gets more than a bound';

-- ---------------------------------------------------------------------------
-- Algebra
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_add(
	router chash_router, shard text, weight double precision DEFAULT NULL,
	zone text DEFAULT NULL, bound text DEFAULT NULL, tokens text DEFAULT NULL,
	slots text DEFAULT NULL
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_add(chash_router, text, double precision, text, text, text, text)
	IS 'the router with one more shard';

CREATE FUNCTION chash_remove(router chash_router, shard text) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_remove(chash_router, text) IS 'the router without a shard';

CREATE FUNCTION chash_reweight(
	router chash_router, shard text, weight double precision
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_reweight(chash_router, text, double precision)
	IS 'the router with another weight of a shard';

CREATE FUNCTION chash_assign(
	router chash_router, shard text, slots text, replica integer DEFAULT 1
) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_assign(chash_router, text, text, integer)
	IS 'the router with some slots given to a shard';

CREATE FUNCTION chash_rebalance(router chash_router) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_rebalance(chash_router)
	IS 'the router with slots moved, the fewest, until each shard has what its weight is worth';

CREATE FUNCTION chash_pin(router chash_router, key text, shard text) RETURNS chash_router
	AS 'MODULE_PATHNAME', 'chash_pin_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_pin(chash_router, text, text)
	IS 'the router with a key pinned to a shard';

CREATE FUNCTION chash_pin(router chash_router, key bigint, shard text) RETURNS chash_router
	AS 'MODULE_PATHNAME', 'chash_pin_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_pin(chash_router, bigint, text)
	IS 'the router with a key pinned to a shard';

CREATE FUNCTION chash_pin(router chash_router, key uuid, shard text) RETURNS chash_router
	AS 'MODULE_PATHNAME', 'chash_pin_uuid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_pin(chash_router, uuid, text)
	IS 'the router with a key pinned to a shard';

CREATE FUNCTION chash_unpin(router chash_router, key text) RETURNS chash_router
	AS 'MODULE_PATHNAME', 'chash_unpin_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_unpin(chash_router, text) IS 'the router with a key no longer pinned';

CREATE FUNCTION chash_unpin(router chash_router, key bigint) RETURNS chash_router
	AS 'MODULE_PATHNAME', 'chash_unpin_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_unpin(chash_router, bigint) IS 'the router with a key no longer pinned';

CREATE FUNCTION chash_unpin(router chash_router, key uuid) RETURNS chash_router
	AS 'MODULE_PATHNAME', 'chash_unpin_uuid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_unpin(chash_router, uuid) IS 'the router with a key no longer pinned';

CREATE FUNCTION chash_with_secret(router chash_router, secret text) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_with_secret(chash_router, text)
	IS 'the router with its keys hashed by siphash24 with a secret of the server';

-- ---------------------------------------------------------------------------
-- Routing
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_shard(router chash_router, key text) RETURNS text
	AS 'MODULE_PATHNAME', 'chash_shard_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shard(chash_router, text) IS 'the shard that a key belongs to';

CREATE FUNCTION chash_shard(router chash_router, key bigint) RETURNS text
	AS 'MODULE_PATHNAME', 'chash_shard_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shard(chash_router, bigint) IS 'the shard that a key belongs to';

CREATE FUNCTION chash_shard(router chash_router, key uuid) RETURNS text
	AS 'MODULE_PATHNAME', 'chash_shard_uuid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shard(chash_router, uuid) IS 'the shard that a key belongs to';

CREATE FUNCTION chash_shard(router chash_router, key bytea) RETURNS text
	AS 'MODULE_PATHNAME', 'chash_shard_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shard(chash_router, bytea) IS 'the shard that a key belongs to';

CREATE FUNCTION chash_position(router chash_router, key text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'chash_position_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_position(chash_router, text)
	IS 'the position of a key, of which a bigint holds the top 63 bits';

CREATE FUNCTION chash_position(router chash_router, key bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'chash_position_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_position(chash_router, bigint)
	IS 'the position of a key, of which a bigint holds the top 63 bits';

CREATE FUNCTION chash_position(router chash_router, key uuid) RETURNS bigint
	AS 'MODULE_PATHNAME', 'chash_position_uuid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_position(chash_router, uuid)
	IS 'the position of a key, of which a bigint holds the top 63 bits';

CREATE FUNCTION chash_position(router chash_router, key bytea) RETURNS bigint
	AS 'MODULE_PATHNAME', 'chash_position_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_position(chash_router, bytea)
	IS 'the position of a key, of which a bigint holds the top 63 bits';

CREATE FUNCTION chash_shards(router chash_router, key text, n integer) RETURNS text[]
	AS 'MODULE_PATHNAME', 'chash_shards_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shards(chash_router, text, integer)
	IS 'the n shards that hold copies of a key, the first of them its own, in different zones if possible';

CREATE FUNCTION chash_shards(router chash_router, key bigint, n integer) RETURNS text[]
	AS 'MODULE_PATHNAME', 'chash_shards_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shards(chash_router, bigint, integer)
	IS 'the n shards that hold copies of a key, the first of them its own, in different zones if possible';

CREATE FUNCTION chash_shards(router chash_router, key uuid, n integer) RETURNS text[]
	AS 'MODULE_PATHNAME', 'chash_shards_uuid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shards(chash_router, uuid, integer)
	IS 'the n shards that hold copies of a key, the first of them its own, in different zones if possible';

CREATE FUNCTION chash_shards(router chash_router, key bytea, n integer) RETURNS text[]
	AS 'MODULE_PATHNAME', 'chash_shards_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_shards(chash_router, bytea, integer)
	IS 'the n shards that hold copies of a key, the first of them its own, in different zones if possible';

CREATE FUNCTION chash_slot(router chash_router, key text) RETURNS integer
	AS 'MODULE_PATHNAME', 'chash_slot_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_slot(chash_router, text)
	IS 'the number of the slot that a key is in';

CREATE FUNCTION chash_slot(router chash_router, key bigint) RETURNS integer
	AS 'MODULE_PATHNAME', 'chash_slot_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_slot(chash_router, bigint)
	IS 'the number of the slot that a key is in';

CREATE FUNCTION chash_slot(router chash_router, key uuid) RETURNS integer
	AS 'MODULE_PATHNAME', 'chash_slot_uuid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_slot(chash_router, uuid)
	IS 'the number of the slot that a key is in';

CREATE FUNCTION chash_slot(router chash_router, key bytea) RETURNS integer
	AS 'MODULE_PATHNAME', 'chash_slot_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_slot(chash_router, bytea)
	IS 'the number of the slot that a key is in';

CREATE FUNCTION chash_key_text(key "any") RETURNS text
	AS 'MODULE_PATHNAME', 'chash_key_as_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_key_text("any")
	IS 'the text that stands for a key of any routable type, such as numeric, date or timestamptz';

-- ---------------------------------------------------------------------------
-- Looking
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_routing_table(
	router chash_router,
	OUT first_position numeric, OUT vnode text, OUT shard text, OUT width numeric
) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION chash_routing_table(chash_router)
	IS 'every range of positions with its virtual node and shard';

CREATE FUNCTION chash_arcs(
	router chash_router,
	OUT first_position numeric, OUT shard text, OUT width numeric
) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION chash_arcs(chash_router)
	IS 'the ranges of positions, neighbours of one shard merged';

CREATE FUNCTION chash_balance(
	router chash_router,
	OUT shard text, OUT weight double precision, OUT share double precision,
	OUT ideal_share double precision, OUT positions numeric
) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION chash_balance(chash_router)
	IS 'what each shard serves, beside what its weight entitles it to';

CREATE FUNCTION chash_dialects(
	OUT dialect text, OUT strategy text, OUT stands_for text, OUT hash text,
	OUT bits integer, OUT parameters jsonb
) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION chash_dialects()
	IS 'the dialects of the strategies: whose answers each gives, and its defaults';

CREATE FUNCTION chash_cache(
	OUT routers bigint, OUT bytes bigint, OUT prepared bigint, OUT thrown_away bigint
) RETURNS record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION chash_cache()
	IS 'the routers that this session keeps prepared, and how often it has prepared one';

-- ---------------------------------------------------------------------------
-- Planning
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_moves(
	before chash_router, after chash_router,
	OUT source text, OUT target text, OUT share double precision,
	OUT positions numeric, OUT pins bigint, OUT exact boolean
) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION chash_moves(chash_router, chash_router)
	IS 'what share of the positions moves from which shard to which';

-- a row's stored size, for the reports

CREATE FUNCTION chash_stored_size(VARIADIC "any") RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_stored_size(VARIADIC "any")
	IS 'bytes that a row with these columns takes, TOAST included';

-- counting, for the reports

CREATE FUNCTION chash_count_moves_add(internal, chash_router, chash_router, "any", bigint)
	RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_count_moves_add(internal, chash_router, chash_router, "any", bigint)
	IS 'aggregate transition function';

CREATE FUNCTION chash_count_moves_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_count_moves_combine(internal, internal)
	IS 'aggregate combine function';

CREATE FUNCTION chash_count_moves_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_count_moves_serialize(internal)
	IS 'aggregate serialization function';

CREATE FUNCTION chash_count_moves_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_count_moves_deserialize(bytea, internal)
	IS 'aggregate deserialization function';

CREATE FUNCTION chash_count_moves_result(internal) RETURNS bigint[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_count_moves_result(internal)
	IS 'aggregate final function';

CREATE AGGREGATE chash_count_moves(chash_router, chash_router, "any", bigint) (
	SFUNC = chash_count_moves_add,
	STYPE = internal,
	COMBINEFUNC = chash_count_moves_combine,
	SERIALFUNC = chash_count_moves_serialize,
	DESERIALFUNC = chash_count_moves_deserialize,
	FINALFUNC = chash_count_moves_result,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE chash_count_moves(chash_router, chash_router, "any", bigint)
	IS 'rows and bytes for each pair of shards before and after: {source, target, rows, bytes}, shards counted from 1, 0 for NULL keys';

CREATE FUNCTION chash_redistribution(
	tab regclass, key name, before chash_router, after chash_router,
	sample double precision DEFAULT 1, exact_bytes boolean DEFAULT false,
	unmoved boolean DEFAULT false,
	OUT source text, OUT target text, OUT rows bigint, OUT bytes bigint,
	OUT share double precision, OUT rows_exact boolean, OUT bytes_exact boolean
) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL UNSAFE ROWS 100;
COMMENT ON FUNCTION chash_redistribution(regclass, name, chash_router, chash_router, double precision, boolean, boolean)
	IS 'rows and bytes of a table that move from which shard to which';

-- ---------------------------------------------------------------------------
-- Comparing
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_compare(
	tab regclass, key name, shards integer DEFAULT 4, add integer DEFAULT 1,
	vnodes integer DEFAULT 160, hash text DEFAULT 'xxh3', sample double precision DEFAULT 1,
	OUT strategy text, OUT shards integer, OUT rows bigint, OUT min_rows bigint,
	OUT max_rows bigint, OUT skew double precision, OUT rows_moved bigint,
	OUT share_moved double precision, OUT ideal_share double precision,
	OUT range_shards double precision, OUT exact boolean
) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL UNSAFE ROWS 10;
COMMENT ON FUNCTION chash_compare(regclass, name, integer, integer, integer, text, double precision)
	IS 'balance and movement of the strategies on a table, when shards are added or removed';

-- ---------------------------------------------------------------------------
-- Named routers
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_call_handler() RETURNS language_handler
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION chash_call_handler() IS 'calls functions of LANGUAGE chash';

CREATE FUNCTION chash_validator(oid) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION chash_validator(oid) IS 'checks functions of LANGUAGE chash';

CREATE TRUSTED LANGUAGE chash HANDLER chash_call_handler VALIDATOR chash_validator;
COMMENT ON LANGUAGE chash IS 'routers by name: functions whose body is a router';

CREATE FUNCTION chash_create_router(name text, router chash_router, key_type regtype) RETURNS regprocedure
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION chash_create_router(text, chash_router, regtype) IS
	'make a router that is called by name, with its ordinal and, as a superuser, its operator class';

CREATE FUNCTION chash_create_operator_class(router regproc) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION chash_create_operator_class(regproc) IS
	'let tables be partitioned by a router; superusers only';

CREATE FUNCTION chash_get_router(router regproc) RETURNS chash_router
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_get_router(regproc) IS 'what a router that is called by name holds';

CREATE FUNCTION chash_drop_router(router regproc) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION chash_drop_router(regproc) IS
	'drop a router that is called by name, its helpers and its operator classes';

-- ---------------------------------------------------------------------------
-- Partitioned tables
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_router_of("table" regclass) RETURNS regprocedure
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chash_router_of(regclass) IS
	'the router that a table is partitioned by; null if there is none';

CREATE FUNCTION chash_create_partitions(
	"table" regclass, name text DEFAULT '{shard}', modulus integer DEFAULT NULL,
	schema text DEFAULT NULL, tablespace text DEFAULT NULL,
	options jsonb DEFAULT NULL, per_shard jsonb DEFAULT NULL
) RETURNS SETOF regclass
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE ROWS 10;
COMMENT ON FUNCTION chash_create_partitions(regclass, text, integer, text, text, jsonb, jsonb) IS
	'make the partitions of a table that its router has shards for and that are missing';

CREATE FUNCTION chash_distribute(
	"table" regclass, key name, shards integer DEFAULT NULL,
	router regproc DEFAULT NULL, definition chash_router DEFAULT NULL,
	name text DEFAULT '{shard}', modulus integer DEFAULT NULL,
	schema text DEFAULT NULL, tablespace text DEFAULT NULL,
	options jsonb DEFAULT NULL, per_shard jsonb DEFAULT NULL
) RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION chash_distribute(regclass, name, integer, regproc, chash_router, text, integer, text, text, jsonb, jsonb) IS
	'partition a table that exists, with its rows, by a router';

CREATE FUNCTION chash_check(
	"table" regclass,
	OUT problem text, OUT partition regclass, OUT shard text, OUT rows bigint, OUT detail text
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'chash_check_table' LANGUAGE C STABLE ROWS 10;
COMMENT ON FUNCTION chash_check(regclass) IS
	'what is wrong with a table that is partitioned by a router, and what could not be checked';

CREATE FUNCTION chash_replace_router(router regproc, by chash_router) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION chash_replace_router(regproc, chash_router) IS
	'change a router that is called by name, unless rows of its tables would be in the wrong place';

CREATE FUNCTION chash_guard_ddl() RETURNS event_trigger
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION chash_guard_ddl() IS 'refuses changes of functions that tables route by';

CREATE FUNCTION chash_guard_drop() RETURNS event_trigger
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION chash_guard_drop() IS 'refuses to drop functions that tables route by';

-- ENABLE ALWAYS: replication and restores are no reason to leave rows behind
CREATE EVENT TRIGGER chash_guard_ddl ON ddl_command_end
	WHEN TAG IN ('CREATE FUNCTION', 'ALTER FUNCTION', 'ALTER ROUTINE',
		'CREATE PROCEDURE', 'ALTER PROCEDURE', 'CREATE AGGREGATE', 'ALTER AGGREGATE',
		'CREATE TABLE', 'CREATE SCHEMA', 'ALTER OPERATOR FAMILY')
	EXECUTE FUNCTION chash_guard_ddl();
ALTER EVENT TRIGGER chash_guard_ddl ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER chash_guard_ddl IS 'keeps the functions whole that tables route by';

-- with no tags: a CASCADE can come from anywhere, as from the collation of a domain of keys
CREATE EVENT TRIGGER chash_guard_drop ON sql_drop
	EXECUTE FUNCTION chash_guard_drop();
ALTER EVENT TRIGGER chash_guard_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER chash_guard_drop IS 'keeps the functions that tables route by';

CREATE FUNCTION chash_describe_router(
	router regproc, OUT strategy text, OUT hash text, OUT shards integer, OUT changing boolean)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION chash_describe_router(regproc) IS
	'what a router that is called by name is; nulls if it cannot be read';

CREATE FUNCTION chash_get_change(
	router regproc, OUT before chash_router, OUT after chash_router, OUT done double precision)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION chash_get_change(regproc) IS
	'the change of a router that is under way: from, to, and which part of the keys has passed';

-- every call and every operator has arguments of exactly its types, so that none in the schema of the
-- extension, made by others before it, can fit better
CREATE VIEW chash_routers AS
	SELECT p.oid::regprocedure AS router,
		pg_catalog.pg_get_userbyid(p.proowner) AS owner,
		p.proargtypes[0]::regtype AS key_type,
		d.strategy,
		d.hash,
		d.shards,
		d.changing,
		EXISTS (
			SELECT FROM pg_catalog.pg_proc h
			WHERE h.prolang = p.prolang AND h.pronamespace = p.pronamespace
				AND h.prosrc = p.proname AND h.prorettype = 'int8'::regtype::oid) AS operator_class,
		ARRAY(
			SELECT t.partrelid::regclass
			FROM pg_catalog.pg_partitioned_table t
			WHERE t.partstrat = 'h' AND chash_router_of(t.partrelid::regclass)::oid = p.oid
			ORDER BY t.partrelid::regclass::text COLLATE "C") AS tables
	FROM pg_catalog.pg_proc p
	JOIN pg_catalog.pg_language l ON l.oid = p.prolang
	CROSS JOIN LATERAL chash_describe_router(p.oid::regproc) d
	WHERE l.lanname = 'chash' AND p.prorettype = 'text'::regtype::oid;
COMMENT ON VIEW chash_routers IS
	'the routers that are called by name, and the tables that each of them partitions';
GRANT SELECT ON chash_routers TO PUBLIC;

-- ---------------------------------------------------------------------------
-- Resharding
-- ---------------------------------------------------------------------------

CREATE FUNCTION chash_slice(before chash_router, after chash_router, key "any") RETURNS bigint
	AS 'MODULE_PATHNAME', 'chash_moving_slice' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_slice(chash_router, chash_router, "any") IS
	'when a key moves in a change of routers: its slice; null for a key that does not move';

-- of the indexes of movers: both routers would not fit there
CREATE FUNCTION chash_slice(router regprocedure, change bigint, key "any") RETURNS bigint
	AS 'MODULE_PATHNAME', 'chash_slice_of_change' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION chash_slice(regprocedure, bigint, "any") IS
	'when a key moves in the change that a router is, if this is the change with that fingerprint: its slice; else null';
-- who writes a row calls it, whatever default privileges are
GRANT EXECUTE ON FUNCTION chash_slice(regprocedure, bigint, "any") TO PUBLIC;

CREATE PROCEDURE chash_reshard(
	router regproc, target chash_router DEFAULT NULL,
	max_lock interval DEFAULT '20ms', lock_timeout interval DEFAULT '20ms',
	pause interval DEFAULT '0', max_replication_lag interval DEFAULT NULL,
	concurrently boolean DEFAULT true, background boolean DEFAULT false,
	name text DEFAULT '{shard}', schema text DEFAULT NULL, tablespace text DEFAULT NULL,
	options jsonb DEFAULT NULL, per_shard jsonb DEFAULT NULL)
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON PROCEDURE chash_reshard(regproc, chash_router, interval, interval, interval, interval, boolean, boolean, text, text, text, jsonb, jsonb) IS
	'change a router and move the rows of its tables, in steps; without a target, go on';

CREATE PROCEDURE chash_reshard_back(
	router regproc,
	max_lock interval DEFAULT '20ms', lock_timeout interval DEFAULT '20ms',
	pause interval DEFAULT '0', max_replication_lag interval DEFAULT NULL,
	concurrently boolean DEFAULT true, background boolean DEFAULT false)
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON PROCEDURE chash_reshard_back(regproc, interval, interval, interval, interval, boolean, boolean) IS
	'take back a change of a router that is under way';

CREATE PROCEDURE chash_add_shard(
	router regproc, shard text, weight double precision DEFAULT NULL, zone text DEFAULT NULL,
	bound text DEFAULT NULL,
	max_lock interval DEFAULT '20ms', lock_timeout interval DEFAULT '20ms',
	pause interval DEFAULT '0', max_replication_lag interval DEFAULT NULL,
	concurrently boolean DEFAULT true, background boolean DEFAULT false,
	name text DEFAULT '{shard}', schema text DEFAULT NULL, tablespace text DEFAULT NULL,
	options jsonb DEFAULT NULL, per_shard jsonb DEFAULT NULL)
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON PROCEDURE chash_add_shard(regproc, text, double precision, text, text, interval, interval, interval, interval, boolean, boolean, text, text, text, jsonb, jsonb) IS
	'add a shard to a router, and move the rows of its tables that belong there';

CREATE PROCEDURE chash_remove_shard(
	router regproc, shard text, drop boolean DEFAULT false,
	max_lock interval DEFAULT '20ms', lock_timeout interval DEFAULT '20ms',
	pause interval DEFAULT '0', max_replication_lag interval DEFAULT NULL,
	concurrently boolean DEFAULT true, background boolean DEFAULT false)
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON PROCEDURE chash_remove_shard(regproc, text, boolean, interval, interval, interval, interval, boolean, boolean) IS
	'move all rows away from a shard, and detach its partitions';

CREATE PROCEDURE chash_reweight_shard(
	router regproc, shard text, weight double precision,
	max_lock interval DEFAULT '20ms', lock_timeout interval DEFAULT '20ms',
	pause interval DEFAULT '0', max_replication_lag interval DEFAULT NULL,
	concurrently boolean DEFAULT true, background boolean DEFAULT false)
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON PROCEDURE chash_reweight_shard(regproc, text, double precision, interval, interval, interval, interval, boolean, boolean) IS
	'give a shard another weight, and move the rows that this moves';

CREATE FUNCTION chash_reshard_plan(
	router regproc, target chash_router DEFAULT NULL, add text DEFAULT NULL,
	remove text DEFAULT NULL, reweight text DEFAULT NULL, weight double precision DEFAULT NULL,
	zone text DEFAULT NULL, bound text DEFAULT NULL, max_lock interval DEFAULT '20ms',
	lock_timeout interval DEFAULT '20ms', pause interval DEFAULT '0',
	concurrently boolean DEFAULT true)
RETURNS TABLE (
	item text, kind text, relation regclass, source text, target text, rows bigint, bytes bigint,
	times bigint, duration interval, detail text)
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION chash_reshard_plan(regproc, chash_router, text, text, text, double precision, text, text, interval, interval, interval, boolean) IS
	'what a change of a router will move, lock, need and wait for; without a change, what is left of the one under way';

CREATE FUNCTION chash_reshard_pause(router regproc) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION chash_reshard_pause(regproc) IS
	'let whoever changes a router wait between two steps, until it is resumed';

CREATE PROCEDURE chash_reshard_resume(
	router regproc, max_lock interval DEFAULT NULL, lock_timeout interval DEFAULT NULL,
	pause interval DEFAULT NULL, max_replication_lag interval DEFAULT NULL,
	concurrently boolean DEFAULT NULL, background boolean DEFAULT false)
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON PROCEDURE chash_reshard_resume(regproc, interval, interval, interval, interval, boolean, boolean) IS
	'go on with a change of a router, in its direction and with its settings where none are given';

CREATE FUNCTION chash_reshard_cancel(router regproc, back boolean DEFAULT true) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION chash_reshard_cancel(regproc, boolean) IS
	'let whoever changes a router take the change back, or stop where it is';

-- How a change is to go on, and what others ask of it; what has moved is in the router. Of no use in a
-- dump, as oids are others there: a change without a row goes on all the same.
CREATE TABLE chash_reshard_jobs (
	router oid PRIMARY KEY,
	role oid NOT NULL,
	max_lock interval NOT NULL,
	lock_timeout interval NOT NULL,
	pause interval NOT NULL,
	max_replication_lag interval,
	"concurrently" boolean NOT NULL,
	background boolean NOT NULL,
	back boolean NOT NULL,
	drop boolean NOT NULL,
	paused boolean NOT NULL DEFAULT false,
	stop boolean NOT NULL DEFAULT false,
	phase text NOT NULL,
	rows_done bigint,
	rows_total bigint,
	rows_moving bigint NOT NULL DEFAULT 0,
	moving_since timestamptz,
	error text,
	started timestamptz NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE chash_reshard_jobs IS
	'the changes of routers that are under way; for chash itself, which chash_stat_progress_reshard shows';
REVOKE ALL ON chash_reshard_jobs FROM PUBLIC;

CREATE VIEW chash_stat_progress_reshard AS
	SELECT p.oid::regprocedure AS router,
		l.pid,
		CASE
			WHEN l.pid IS NULL THEN 'not running'
			WHEN j.paused THEN 'paused'
			ELSE coalesce(j.phase, 'waiting for locks')
		END AS phase,
		pg_catalog.array_cat(pg_catalog.pg_blocking_pids(l.pid), pg_catalog.pg_blocking_pids(w.pid)) AS waiting_for,
		r.done AS rows_done,
		r.total AS rows_total,
		pg_catalog.round((r.done::double precision * m.width)::numeric)::bigint AS bytes_done,
		pg_catalog.round((r.total::double precision * m.width)::numeric)::bigint AS bytes_total,
		s.rate,
		CASE WHEN s.rate > 0::double precision THEN pg_catalog.make_interval(secs => LEAST(
			GREATEST(CASE WHEN j.back THEN r.done ELSE r.total - r.done END, 0::bigint)::double precision / s.rate,
			1000000000::double precision)) END AS eta,
		CASE WHEN c.after IS NOT NULL THEN c.done WHEN j.back THEN 0 ELSE 1 END AS done,
		c.before,
		c.after,
		coalesce(j.background, false) AS background,
		coalesce(j.paused, false) AS paused,
		coalesce(j.back, false) AS back,
		CASE WHEN pg_catalog.pg_has_role(p.proowner, 'USAGE'::text) THEN j.error END AS error,
		j.started
	FROM pg_catalog.pg_proc p
	CROSS JOIN LATERAL chash_get_change(p.oid::regproc) c
	LEFT JOIN pg_catalog.pg_locks l ON l.locktype = 'object' AND l.classid = p.tableoid
		AND l.objid = p.oid AND l.objsubid = 1 AND l.granted
		AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
	LEFT JOIN pg_catalog.pg_locks w ON w.locktype = 'object' AND w.classid = p.tableoid
		AND w.objid = p.oid AND w.objsubid = 2 AND w.granted AND w.database = l.database
	LEFT JOIN chash_reshard_jobs j ON j.router = p.oid
	CROSS JOIN LATERAL (
		SELECT coalesce(pg_catalog.sum(GREATEST(x.reltuples, 0))
				FILTER (WHERE pg_catalog.left(x.relname::text, 13) = 'chash_movers_'), 0)::bigint AS rows,
			coalesce(pg_catalog.sum(k.relpages::double precision) * pg_catalog.current_setting('block_size'::text)::double precision
				/ NULLIF(pg_catalog.sum(GREATEST(k.reltuples, 0)::double precision), 0), 0) AS width
		FROM pg_catalog.pg_partitioned_table t
		JOIN pg_catalog.pg_inherits i ON i.inhparent = t.partrelid
		JOIN pg_catalog.pg_class k ON k.oid = i.inhrelid
		LEFT JOIN pg_catalog.pg_index n ON n.indrelid = k.oid
		LEFT JOIN pg_catalog.pg_class x ON x.oid = n.indexrelid
		WHERE t.partstrat = 'h' AND chash_router_of(t.partrelid::regclass)::oid = p.oid) m
	CROSS JOIN LATERAL (
		SELECT coalesce(j.rows_done, pg_catalog.round((c.done * m.rows::double precision)::numeric)::bigint) AS done,
			coalesce(j.rows_total, m.rows) AS total) r
	CROSS JOIN LATERAL (
		SELECT j.rows_moving::double precision / NULLIF(GREATEST(
			pg_catalog.date_part('epoch'::text, pg_catalog.clock_timestamp() - j.moving_since), 0::double precision), 0) AS rate) s
	WHERE p.prolang = (SELECT oid FROM pg_catalog.pg_language WHERE lanname = 'chash')
		AND p.prorettype = 'text'::regtype::oid
		AND (c.after IS NOT NULL OR j.phase = 'cleaning up');
COMMENT ON VIEW chash_stat_progress_reshard IS
	'the changes of routers that are under way, and the sessions that make them';
GRANT SELECT ON chash_stat_progress_reshard TO PUBLIC;
