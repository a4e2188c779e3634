/*
 * host.h
 *		What the core needs from the program that it is part of: memory, and
 *		the chance to stop long work.  In the server that is palloc and
 *		CHECK_FOR_INTERRUPTS, in the unit tests malloc and nothing.
 */
#ifndef CHASH_HOST_H
#define CHASH_HOST_H

#include <stddef.h>

typedef struct chash_host
{
	/* must not return NULL: it raises an error or ends the program instead */
	void	   *(*alloc) (void *context, size_t size);
	void		(*release) (void *context, void *pointer);

	/*
	 * Called now and then in long work; need not return.  What the core has
	 * allocated is then left to the host.
	 */
	void		(*check) (void *context);
	void	   *context;
} chash_host;

static inline void *
chash_alloc(const chash_host *host, size_t size)
{
	return host->alloc(host->context, size > 0 ? size : 1);
}

static inline void
chash_release(const chash_host *host, void *pointer)
{
	host->release(host->context, pointer);
}

static inline void
chash_check(const chash_host *host)
{
	host->check(host->context);
}

#endif							/* CHASH_HOST_H */
