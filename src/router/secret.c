/*
 * secret.c
 *		The secrets of the server, and giving a router one.
 *
 * A secret stays between the file and the hash: it is in no value, no message
 * and no setting.
 */
#include "router/secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmgr.h"
#include "router/server.h"
#include "router/value.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(chash_with_secret);

/* Bytes of the file, more than a thousand secrets. */
#define MAX_FILE_SIZE	(64 * 1024)

uint64		chash_secrets_reload = 0;

static char *secrets_file = NULL;

/* ---- the setting ---- */

/* Called at every reload, even if only the file has changed and not its name. */
static void
settings_were_read(const char *newval, void *extra)
{
	(void) newval;
	(void) extra;
	chash_secrets_reload++;
}

/*
 * Not to be set for a database, a role or a session: whoever may do that could
 * have any file read.
 */
void
chash_secrets_define(void)
{
	DefineCustomStringVariable("chash.secrets_file",
							   "File with the secrets of the hash \"siphash24\".",
							   "Each line is the name of a secret, \"=\" and 32 hexadecimal digits.",
							   &secrets_file, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY,
							   NULL, settings_were_read, NULL);
}

/* ---- the file ---- */

pg_noreturn static void
refuse_file(const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_CONFIG_FILE_ERROR),
			 errmsg("could not use the file of chash.secrets_file: %s", why)));
}

/* As PostgreSQL asks of the private key of its certificate. */
static void
check_permissions(int file)
{
	struct stat st;

	if (fstat(file, &st) != 0)
		refuse_file(strerror(errno));
	if (!S_ISREG(st.st_mode))
		refuse_file("it is not a regular file");
#ifndef WIN32
	if (st.st_uid != geteuid() && st.st_uid != 0)
		refuse_file("it belongs neither to the user of the server nor to root");
	if (st.st_mode & (st.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO))
	{
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("could not use the file of chash.secrets_file: others can read or write it"),
				 errhint("Its permissions should be 0600, or 0640 if it belongs to root.")));
	}
#endif
}

/* Fill text, which has one byte more than the file may, and return its length. */
static size_t
read_file(char *text)
{
	/* whoever opens a pipe would else wait until somebody writes to it */
	int			file = OpenTransientFile(secrets_file, O_RDONLY | O_NONBLOCK | PG_BINARY);
	size_t		length = 0;
	ssize_t		bytes;

	if (file < 0)
		refuse_file(strerror(errno));
	check_permissions(file);
	do
	{
		bytes = read(file, text + length, MAX_FILE_SIZE + 1 - length);
		if (bytes < 0)
			refuse_file(strerror(errno));
		length += bytes;
	} while (bytes > 0 && length <= MAX_FILE_SIZE);
	CloseTransientFile(file);
	if (length > MAX_FILE_SIZE)
		refuse_file("it is larger than 64 kB");
	return length;
}

/* False if there is no such secret. */
static bool
find_secret(const char *name, chash_secret *secret)
{
	char	   *text;
	size_t		length;
	bool		found;
	bool		ok;
	chash_error error;

	if (!secrets_file || secrets_file[0] == '\0')
		return false;
	text = palloc(MAX_FILE_SIZE + 1);
	length = read_file(text);
	ok = chash_secret_find(text, length, name, &found, secret, &error);
	explicit_bzero(text, length);
	pfree(text);
	if (!ok)
		refuse_file(error.message);
	return found;
}

/* The secret of that name and its check value. */
static void
get_secret(const char *name, chash_secret *secret, char *check)
{
	chash_error error;

	if (!find_secret(name, secret))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this server does not have the secret \"%s\"", name),
				 secrets_file && secrets_file[0] != '\0' ?
				 errdetail("The file of chash.secrets_file has no secret of this name.") :
				 errdetail("The setting chash.secrets_file is empty."),
				 errhint("Put the secret that its routers were made with into that file. "
						 "Another one is refused, as keys would go to other shards.")));
	if (!chash_secret_check_value(secret, check, &error))
		chash_report(&error);
}

void
chash_secret_hold(const chash_router *router, chash_held_secret *held)
{
	char		check[CHASH_MAX_CHECK + 1];
	chash_secret secret;

	held->known = false;
	held->reload = chash_secrets_reload;
	get_secret(router->p.secret, &secret, check);
	if (strcmp(check, router->p.check) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the secret \"%s\" of this server is not the one of the router",
						router->p.secret),
				 errdetail("The router was made with a secret whose check value is %s, "
						   "that of the server's is %s.", router->p.check, check),
				 errhint("Put the secret that the router was made with into the file of "
						 "chash.secrets_file. A new secret needs a name of its own.")));
	held->secret = secret;
	held->known = true;
}

/* ---- giving a router a secret ---- */

/* chash_with_secret(router, secret) */
Datum
chash_with_secret(PG_FUNCTION_ARGS)
{
	chash_router *router = chash_value_open(PG_GETARG_ROUTER(0));
	char	   *name = chash_to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	char	   *check = palloc(CHASH_MAX_CHECK + 1);
	chash_secret secret;
	chash_error error;

	if (!router->strategy->hashed)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("strategy \"%s\" does not hash keys", router->strategy->name)));
	if (!chash_secret_check_name(name, &error))
		chash_report(&error);
	get_secret(name, &secret, check);
	explicit_bzero(&secret, sizeof(secret));

	/* positions that were whole digests stay that */
	if (router->bits == chash_router_natural_bits(router))
		router->bits = 0;
	router->hash = chash_hash_by_code(CHASH_HASH_SIPHASH24);
	router->p.secret = name;
	router->p.check = check;
	PG_RETURN_POINTER(chash_value_make(router));
}
