/*
 * error.h
 *		What the core says when it refuses: a kind, a message, and, where they
 *		help, a detail and a hint, worded by PostgreSQL's style guide.  All
 *		text is UTF-8.
 */
#ifndef CHASH_ERROR_H
#define CHASH_ERROR_H

#include <stdbool.h>

typedef enum chash_error_kind
{
	CHASH_ERROR_VALUE,			/* a parameter has a bad value */
	CHASH_ERROR_LIMIT,			/* more than chash can hold */
	CHASH_ERROR_DUPLICATE,		/* a name or number given twice */
	CHASH_ERROR_UNKNOWN,		/* a name that nothing has */
	CHASH_ERROR_UNSUPPORTED,	/* a combination that makes no sense */
	CHASH_ERROR_CORRUPT,		/* bytes that are not a stored router */
	CHASH_ERROR_DIGEST			/* OpenSSL refuses a digest */
} chash_error_kind;

#define CHASH_ERROR_TEXT	1024

typedef struct chash_error
{
	chash_error_kind kind;
	char		message[CHASH_ERROR_TEXT];
	char		detail[CHASH_ERROR_TEXT];	/* empty if there is none */
	char		hint[CHASH_ERROR_TEXT]; /* empty if there is none */
} chash_error;

#if defined(__GNUC__)
#define CHASH_PRINTF(text, first)	__attribute__((format(printf, text, first)))
#else
#define CHASH_PRINTF(text, first)
#endif

/*
 * The length to which a text is cut, max_length bytes at the most, so that no
 * UTF-8 character is cut in two; for "%.*s".
 */
extern int	chash_clip(const char *text, int max_length);

/* Fill in kind and message, clear the rest; always false, for "return". */
extern bool chash_fail(chash_error *error, chash_error_kind kind,
					   const char *format,...) CHASH_PRINTF(3, 4);

/* Add to a failure just reported; always false, for "return". */
extern bool chash_fail_detail(chash_error *error, const char *format,...) CHASH_PRINTF(2, 3);
extern bool chash_fail_hint(chash_error *error, const char *format,...) CHASH_PRINTF(2, 3);

#endif							/* CHASH_ERROR_H */
