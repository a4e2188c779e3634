# tables.awk: what reshard.sh has measured, as Markdown on the output and reshard_goals.tsv.
#
#   awk -v folder=FOLDER -f markdown.awk -f tables.awk machine reshard.tsv
#
# Ratios are of medians.

BEGIN { FS = "\t" }

FNR == NR { machine = $0; next }

{
    if (!($1 in seen)) { seen[$1] = 1; sizes[++nsizes] = $1 }
    values[$1, $3, $4, ++count[$1, $3, $4]] = $5
}

function median(size, way, measure,    n, i, k, x, sorted) {
    n = count[size, way, measure]
    for (i = 1; i <= n; i++) {
        x = values[size, way, measure, i] + 0
        for (k = i; k > 1 && sorted[k - 1] > x; k--) sorted[k] = sorted[k - 1]
        sorted[k] = x
    }
    return n == 0 ? "" : (sorted[int((n + 1) / 2)] + sorted[int(n / 2) + 1]) / 2
}

function worst(size, way, measure,    i, x) {
    x = ""
    for (i = 1; i <= count[size, way, measure]; i++)
        if (x == "" || values[size, way, measure, i] + 0 > x) x = values[size, way, measure, i] + 0
    return x
}

function ratio(x, y) { return x == "" || y == "" || y <= 0 ? "" : x / y }

function sum(x, y) { return x == "" || y == "" ? "" : x + y }

function shown(x) { return x == "" ? "-" : digits3(x) }

function tps(size, way) { return sum(median(size, way, "readers_tps"), median(size, way, "writers_tps")) }

function larger(x, y) { return x == "" || (y != "" && y > x) ? y : x }

function longest(size, way, of) { return larger(median(size, way, "readers_" of), median(size, way, "writers_" of)) }

# goal WHAT VALUE LIMIT [least]
function goal(what, value, limit, least) {
    if (value == "") return
    begin_row(what)
    cell(digits3(value))
    cell((least ? ">= " : "<= ") limit)
    cell((least ? value >= limit : value <= limit) ? "yes" : "no")
    print what "\t" value "\t" limit "\t" (least ? "least" : "most") > (folder "/reshard_goals.tsv")
}

function alone_row(way, label,    moved) {
    if (!count[first, way, "ms"]) return
    moved = median(first, way, "moved")
    begin_row(label)
    cell(shown(moved)); cell(shown(median(first, way, "steps")))
    cell(shown(median(first, way, "ms")))
    cell(shown(ratio(median(first, way, "ms"), median(first, "by_hand", "ms"))))
    cell(shown(ratio(median(first, way, "ms"), median(first, "rebuild", "ms"))))
    cell(shown(median(first, way, "wal") / 1048576))
    cell(shown(ratio(median(first, way, "wal"), median(first, "by_hand", "wal"))))
    cell(shown(median(first, way, "step_longest")))
}

function clients_row(size, way, label) {
    if (!count[size, way, "readers_tps"]) return
    begin_row(label)
    cell(thousands(size))
    cell(shown(median(size, way, "ms"))); cell(shown(median(size, way, "step_longest")))
    cell(shown(median(size, way, "readers_longest"))); cell(shown(median(size, way, "readers_p999")))
    cell(shown(median(size, way, "writers_longest"))); cell(shown(median(size, way, "writers_p999")))
    cell(shown(larger(worst(size, way, "readers_longest"), worst(size, way, "writers_longest"))))
    cell(shown(tps(size, way)))
}

END {
    first = sizes[1]
    print machine "\n"

    begin_table("alone", "from 4 to 5 shards, " thousands(first) " rows, with nobody else there")
    begin_row("")
    cell("rows moved"); cell("steps"); cell("ms"); cell("of by hand"); cell("of rebuilding")
    cell("WAL, MB"); cell("of by hand"); cell("longest step, ms")
    alone_row("ring", "chash_add_shard, ring, indexes not built concurrently")
    alone_row("slots", "chash_add_shard, slots, the same")
    alone_row("default", "chash_add_shard, ring, default settings")
    alone_row("by_hand", "DELETE ... RETURNING, INSERT")
    alone_row("rebuild", "rebuilding")
    end_table()

    begin_table("clients", "2 clients meanwhile, in ms: median of the longest, 99.9th percentile")
    begin_row("")
    cell("rows"); cell("move"); cell("longest step")
    cell("reading"); cell("p99.9"); cell("writing"); cell("p99.9"); cell("worst of all"); cell("transactions/s")
    for (i = 1; i <= nsizes; i++) {
        clients_row(sizes[i], "without", "without a move")
        clients_row(sizes[i], "clients", "chash_add_shard, ring")
        clients_row(sizes[i], "beside", "the same of another table, with the same pauses")
        clients_row(sizes[i], "held", "the table held for 5 s")
    }
    end_table()

    if (count[first, "snapshots", "transactions"]) {
        begin_table("snapshots", "10 clients whose snapshots are 20 ms old")
        begin_row(""); cell("transactions"); cell("refused"); cell("of them, key not moved"); cell("move, ms")
        begin_row("REPEATABLE READ")
        cell(shown(median(first, "snapshots", "transactions"))); cell(shown(median(first, "snapshots", "refused")))
        cell(shown(worst(first, "snapshots", "in_vain"))); cell(shown(median(first, "snapshots", "ms")))
        end_table()
    }

    begin_table("goals", "what is to be reached")
    begin_row(""); cell("measured"); cell("goal"); cell("reached")
    goal("rows moved of 1/5, slots", ratio(median(first, "slots", "moved"), median(first, "slots", "minimum")), 1.05)
    goal("rows moved of what the points give, ring",
         ratio(median(first, "ring", "moved"), median(first, "ring", "minimum")), 1)
    goal("rows moved between old shards", worst(first, "ring", "between_old"), 0)
    goal("rows moved between old shards, slots", worst(first, "slots", "between_old"), 0)
    goal("time of the one by hand", ratio(median(first, "ring", "ms"), median(first, "by_hand", "ms")), 1.25)
    goal("WAL of the one by hand", ratio(median(first, "ring", "wal"), median(first, "by_hand", "wal")), 1.1)
    goal("time of rebuilding", ratio(median(first, "ring", "ms"), median(first, "rebuild", "ms")), 0.65)
    for (i = 1; i <= nsizes; i++) {
        rows = ", " thousands(sizes[i]) " rows"
        goal("longest wait, ms" rows, longest(sizes[i], "clients", "longest"), 50)
        goal("p99.9, ms" rows, longest(sizes[i], "clients", "p999"), 25)
        goal("throughput of that without" rows, ratio(tps(sizes[i], "clients"), tps(sizes[i], "without")), 0.7, "least")
        goal("acknowledged changes lost" rows, worst(sizes[i], "clients", "lost"), 0)
        goal("rows lost, doubled or misplaced" rows, worst(sizes[i], "clients", "wrong"), 0)
    }
    goal("time with clients of the one by hand", ratio(median(first, "clients", "ms"), median(first, "by_hand", "ms")), 4)
    goal("refused in vain", worst(first, "snapshots", "in_vain"), 0)
    goal("longest wait while the table is held, ms", longest(first, "held", "longest"), 50)
    end_table()
}
