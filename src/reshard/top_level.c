/*
 * top_level.c
 *		Commands at the top level of a background process.
 */
#include "reshard/top_level.h"

#include "access/xact.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "tcop/cmdtag.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

/* A portal outlives the transactions that a command begins and ends. */
static Portal
open_portal(const char *command)
{
	Portal		portal = CreatePortal("", true, true);
	MemoryContext old_context = MemoryContextSwitchTo(portal->portalContext);
	char	   *text = pstrdup(command);
	RawStmt    *statement = linitial_node(RawStmt, pg_parse_query(text));
	List	   *plans;

	portal->visible = false;
	PushActiveSnapshot(GetTransactionSnapshot());
	plans = pg_plan_queries(chash_analyze_statement(statement, text), text, 0, NULL);
	PopActiveSnapshot();
	PortalDefineQuery(portal, NULL, text, CreateCommandTag(statement->stmt), plans, NULL);
	MemoryContextSwitchTo(old_context);
	return portal;
}

void
chash_run_at_top_level(const char *command)
{
	Portal		portal;

	debug_query_string = command;
	pgstat_report_activity(STATE_RUNNING, command);
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	portal = open_portal(command);
	PortalStart(portal, NULL, 0, InvalidSnapshot);
	chash_portal_run(portal, CreateDestReceiver(DestNone));
	PortalDrop(portal, false);
	CommitTransactionCommand();
	pgstat_report_activity(STATE_IDLE, NULL);
	debug_query_string = NULL;
}
