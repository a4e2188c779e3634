/*
 * allocator.h
 *		Where the core gets its memory from: palloc in the server, malloc in
 *		the unit tests.
 */
#ifndef CHASH_ALLOCATOR_H
#define CHASH_ALLOCATOR_H

#include <stddef.h>

typedef struct chash_allocator
{
	/* must not return NULL: it raises an error or ends the program instead */
	void	   *(*alloc) (void *context, size_t size);
	void		(*release) (void *context, void *pointer);
	void	   *context;
} chash_allocator;

static inline void *
chash_alloc(const chash_allocator *memory, size_t size)
{
	return memory->alloc(memory->context, size > 0 ? size : 1);
}

static inline void
chash_release(const chash_allocator *memory, void *pointer)
{
	memory->release(memory->context, pointer);
}

#endif							/* CHASH_ALLOCATOR_H */
