/*
 * diff.h
 *		What moves from one router to another, read off the two routers alone.
 *
 * The positions of a hash are cut into pieces, each of which one shard serves
 * before and one after.  Pieces come one by one, so that the caller can add
 * them up as he likes and stop in between; several can have the same pair of
 * shards.
 */
#ifndef CHASH_DIFF_H
#define CHASH_DIFF_H

#include "core/compile.h"

/* More pieces than this are not counted one by one; an estimate is made. */
#define CHASH_MAX_PIECES	67108864

typedef struct chash_piece
{
	uint32_t	source;			/* place of the shard in the router before */
	uint32_t	target;			/* and in the router after */
	chash_uint	width;			/* number of positions; unset in an estimate */
	double		share;			/* of the space; set if it is not exact */
} chash_piece;

/* Where a merge of ranges is in one of the two routers; not for callers. */
typedef struct chash_range
{
	chash_uint	end;
	uint32_t	shard;
} chash_range;

typedef struct chash_diff
{
	const chash_compiled *before;
	const chash_compiled *after;
	chash_uint	space;			/* number of positions of the wider of the two */

	/* false where pieces have a share that is expected or sampled, not counted */
	bool		exact;

	/* how far it has come; not for callers */
	bool		(*next) (struct chash_diff *diff, chash_piece *piece);
	unsigned	shift_before;	/* how much narrower positions are than "space" */
	unsigned	shift_after;
	uint32_t	i;
	uint32_t	j;
	chash_uint	position;		/* ranges: where the next piece begins */
	chash_range range_before;	/* and in which slices */
	chash_range range_after;
	uint64_t	period;			/* residues: least common multiple */
	chash_uint	whole;			/* residues: pieces of this width, */
	uint32_t	rest;			/* the first so many one more */
	double	   *share_before;	/* estimate */
	double	   *share_after;
} chash_diff;

/*
 * Begin.  Both routers must hash keys; they must live as long as the diff does.
 * The result is exact where both use the same hash and have slices, whatever
 * their strategies, unless there are more than CHASH_MAX_PIECES.  Where one has
 * no slices, the positions of a sample (sample.h) are routed by both.  Where
 * hashes differ nothing ties the positions of a key together, and the shares
 * are what is expected of two independent hashes.
 */
extern void chash_diff_begin(chash_diff *diff, const chash_compiled *before,
							  const chash_compiled *after,
							  const chash_host *host);

/* The next piece; false at the end. */
static inline bool
chash_diff_next(chash_diff *diff, chash_piece *piece)
{
	return diff->next(diff, piece);
}

#endif							/* CHASH_DIFF_H */
