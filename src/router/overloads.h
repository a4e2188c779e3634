/*
 * overloads.h
 *		The four overloads of a SQL function that takes a key.
 */
#ifndef CHASH_OVERLOADS_H
#define CHASH_OVERLOADS_H

#include "router/call.h"

/*
 * Define NAME_text, NAME_bigint, NAME_uuid and NAME_bytea, which all call
 * Datum implementation(FunctionCallInfo fcinfo, chash_key_kind kind).
 */
#define CHASH_KEY_OVERLOADS(name, implementation) \
	CHASH_KEY_OVERLOAD(name##_text, implementation, CHASH_KIND_TEXT) \
	CHASH_KEY_OVERLOAD(name##_bigint, implementation, CHASH_KIND_INT8) \
	CHASH_KEY_OVERLOAD(name##_uuid, implementation, CHASH_KIND_UUID) \
	CHASH_KEY_OVERLOAD(name##_bytea, implementation, CHASH_KIND_BYTEA)

#define CHASH_KEY_OVERLOAD(name, implementation, kind) \
	PG_FUNCTION_INFO_V1(name); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		if ((kind) == CHASH_KIND_TEXT) \
			chash_call_check_collation(fcinfo); \
		return implementation(fcinfo, kind); \
	}

#endif							/* CHASH_OVERLOADS_H */
