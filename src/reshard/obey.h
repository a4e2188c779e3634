/*
 * obey.h
 *		What the session that makes a change does when others ask for it.
 */
#ifndef CHASH_OBEY_H
#define CHASH_OBEY_H

#include "reshard/steps.h"

/*
 * Between two steps, outside of a transaction's work: wait while the job is
 * paused, turn round, raise an error if it is to stop; and take new settings.
 */
extern void chash_obey(chash_job *job);

/*
 * The same for whoever waits for something else; the job is the argument.
 * False if it goes in another direction now.  A pause comes afterwards.
 */
extern bool chash_obey_while_waiting(void *job);

/* Write the phase, for those who look. */
extern void chash_enter_phase(chash_job *job, const char *phase);

#endif							/* CHASH_OBEY_H */
