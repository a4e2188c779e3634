/*
 * failpoint.c
 *		The setting chash.failpoint, and what happens where it says.
 */
#include "reshard/failpoint.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/guc.h"

#include <signal.h>

typedef enum action
{
	ACTION_ERROR,
	ACTION_CRASH,
	ACTION_WAIT,
	ACTION_LOSE
} action;

static const char *const point_names[] =
{
#define POINT_NAME(id, name) name,
	CHASH_FAILPOINTS(POINT_NAME)
#undef POINT_NAME
};

static const char *const action_names[] = {"error", "crash", "wait", "lose"};

/* What a value of the setting means. */
typedef struct failure
{
	chash_failpoint_id point;
	action		action;
	int			passes;			/* the one at which it happens */
} failure;

chash_failpoint_id chash_armed_failpoint = CHASH_FAILPOINT_NONE;

static failure armed;
static char *setting;

/* ---- the setting ---- */

/* The place of the first word in a list; its number if it is not there. */
static int
place_in(const char *const *names, int number, const char *word, size_t length)
{
	int			i = 0;

	while (i < number && (strlen(names[i]) != length || strncmp(names[i], word, length) != 0))
		i++;
	return i;
}

static bool
parse(const char *value, failure *parsed)
{
	size_t		length = strcspn(value, ":");
	int			place = place_in(point_names, lengthof(point_names), value, length);
	char	   *end;

	if (place == lengthof(point_names) || value[length] != ':')
		return false;
	parsed->point = (chash_failpoint_id) place;
	value += length + 1;
	length = strcspn(value, ":");
	place = place_in(action_names, lengthof(action_names), value, length);
	if (place == lengthof(action_names))
		return false;
	parsed->action = (action) place;
	parsed->passes = 1;
	if (value[length] == ':')
	{
		parsed->passes = (int) strtol(value + length + 1, &end, 10);
		if (*end != '\0' || parsed->passes < 1)
			return false;
	}
	return parsed->action != ACTION_LOSE || parsed->point == CHASH_FAILPOINT_ROW_PUT ||
		parsed->point == CHASH_FAILPOINT_ROW_READ;
}

static void
hint_of_points(void)
{
	StringInfoData all;
	int			i;

	initStringInfo(&all);
	for (i = 0; i < (int) lengthof(point_names); i++)
		appendStringInfo(&all, "%s%s", i > 0 ? ", " : "", point_names[i]);
	GUC_check_errdetail("It is NAME:ACTION or NAME:ACTION:N, and actions are error, crash, wait and, "
						"at row_put and row_read, lose.");
	GUC_check_errhint("Names are %s.", all.data);
}

static bool
check_setting(char **value, void **extra, GucSource source)
{
	failure		parsed = {CHASH_FAILPOINT_NONE, ACTION_ERROR, 0};

	(void) source;
	if (**value != '\0' && !parse(*value, &parsed))
	{
		hint_of_points();
		return false;
	}
	*extra = guc_malloc(LOG, sizeof(failure));
	if (!*extra)
		return false;
	memcpy(*extra, &parsed, sizeof(failure));
	return true;
}

static void
assign_setting(const char *value, void *extra)
{
	(void) value;
	armed = *(failure *) extra;
	chash_armed_failpoint = armed.point;
}

void
chash_define_failpoint(void)
{
	DefineCustomStringVariable("chash.failpoint",
							   "Where a change of a router fails, to test what happens then.",
							   NULL, &setting, "", PGC_SUSET,
							   GUC_NOT_IN_SAMPLE | GUC_NO_SHOW_ALL,
							   check_setting, assign_setting, NULL);
}

void
chash_failpoint_hand_over(char *to)
{
	strlcpy(to, setting, CHASH_FAILPOINT_SIZE);
}

void
chash_failpoint_take_over(const char *from)
{
	SetConfigOption("chash.failpoint", from, PGC_SUSET, PGC_S_SESSION);
}

/* ---- what happens ---- */

static void
wait_here(void)
{
	LOCKTAG		tag;

	/* others can hold it as of pg_advisory_lock(int, int) */
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, CHASH_FAILPOINT_LOCK, 0, 2);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	(void) LockRelease(&tag, ExclusiveLock, false);
}

bool
chash_fail_here(void)
{
	if (--armed.passes > 0)
		return false;
	chash_armed_failpoint = CHASH_FAILPOINT_NONE;
	if (armed.action == ACTION_LOSE)
		return true;
	ereport(armed.action == ACTION_ERROR ? ERROR : WARNING,
			(errmsg("failpoint \"%s\" was reached", point_names[armed.point])));
	if (armed.action == ACTION_WAIT)
		wait_here();
	if (armed.action == ACTION_CRASH)
		kill(MyProcPid, SIGKILL);
	return false;
}
