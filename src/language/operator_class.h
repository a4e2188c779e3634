/*
 * operator_class.h
 *		The operator classes through which partitioned tables use a router.
 */
#ifndef CHASH_OPERATOR_CLASS_H
#define CHASH_OPERATOR_CLASS_H

#include "router/compat.h"

/*
 * Make the operator family of a router, its classes and their support
 * functions, or what of it is missing.  The current user must be a superuser.
 */
extern void chash_make_operator_class(Oid router);

#endif							/* CHASH_OPERATOR_CLASS_H */
