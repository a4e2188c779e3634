/*
 * summary.h
 *		What is said at the end of a change.
 */
#ifndef CHASH_SUMMARY_H
#define CHASH_SUMMARY_H

#include "reshard/steps.h"

/* A notice of what has been done, and of how much had to be.  After ANALYZE. */
extern void chash_report_change(const chash_job *job);

#endif							/* CHASH_SUMMARY_H */
