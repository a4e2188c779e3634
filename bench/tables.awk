# tables.awk: what run.sh has measured, as Markdown on the output and as TSV files.
#
#   awk -v folder=FOLDER -f markdown.awk -f tables.awk machine goals statements times.tsv
#
# A ratio is taken within each repetition, and of these the median.

BEGIN {
    # The columns of a kind of table; a ratio is to the statement that is named here, or, in a table
    # without it, of NAME_ring to NAME_plain.
    columns["keys"] = "ns net_ns raw net"; reference["keys"] = "hash"
    columns["statements"] = "ms cpu"; reference["statements"] = "count"
    columns["parallel"] = "workers_0 workers_2 speedup"; reference["parallel"] = "count"
    columns["loads"] = "ms cpu"; reference["loads"] = "-"
    columns["pairs"] = "tps tps_ratio"; reference["pairs"] = "-"
    columns["sessions"] = "first again once memory"; reference["sessions"] = "-"
    columns["pgbench"] = "tps tps_ratio us us_ratio"; reference["pgbench"] = "hash"

    heading["ns"] = "ns a row"; heading["net_ns"] = "net ns a row"
    heading["raw"] = "raw ratio"; heading["net"] = "net ratio"
    heading["ms"] = "ms"; heading["cpu"] = "ratio"
    heading["workers_0"] = "serial, ms"; heading["workers_2"] = "2 workers, ms"; heading["speedup"] = "speed-up"
    heading["first"] = "first use, ms"; heading["again"] = "next use, ms"; heading["once"] = "difference, ms"
    heading["memory"] = "peak memory, MB"
    heading["tps"] = "transactions a second"; heading["tps_ratio"] = "ratio"
    heading["us"] = "processor time, us"; heading["us_ratio"] = "its ratio"
    # only in goals
    heading["growth"] = "first use, ratio"; heading["memory_growth"] = "peak memory, ratio"
}

FNR == 1 { file++ }

file == 1 { machine = $0; next }

file == 2 && NF == 6 {
    goal[++ngoals] = $0
    next
}

file == 2 { next }

FNR == 1 { FS = "\t"; $0 = $0 "" }

file == 3 && $3 == "" {
    tables[++ntables] = $1
    kind[$1] = $2
    title[$1] = $4
    next
}

file == 3 {
    statements[$1, ++nstatements[$1]] = $3
    label[$1, $3] = $4
    next
}

{
    value[$1, $2, $3, $4] = $5
    if ($4 > repetitions[$1]) repetitions[$1] = $4
}

# ---- measures ----

function ratio(x, y) { return x == "" || y == "" || y <= 0 ? "" : x / y }

function difference(x, y) { return x == "" || y == "" ? "" : x - y }

# What a statement's ratios are to.
function reference_of(t, name) {
    if ((t, reference[kind[t]]) in label) return reference[kind[t]]
    sub(/[^_]*$/, "plain", name)
    return name
}

# A measure in repetition r of table t; a is what it is compared with.
function measured(t, name, measure, a, r) {
    if (measure == "net_ns") return name == "scan" ? "" : difference(value[t, name, "ns", r], value[t, "scan", "ns", r])
    if (measure == "raw") return ratio(value[t, name, "ns", r], value[t, a, "ns", r])
    if (measure == "net") return ratio(measured(t, name, "net_ns", a, r), measured(t, a, "net_ns", a, r))
    if (measure == "cpu") return ratio(value[t, name, "ms", r], value[t, a, "ms", r])
    if (measure == "speedup") return ratio(value[t, name, "workers_0", r], value[t, name, "workers_2", r])
    if (measure == "first" || measure == "again") return value[t, name, measure "_ms", r]
    if (measure == "once") return difference(value[t, name, "first_ms", r], value[t, name, "again_ms", r])
    if (measure == "memory") return ratio(value[t, name, "memory_kb", r], 1000)
    if (measure == "growth") return ratio(value[t, name, "first_ms", r], value[t, a, "first_ms", r])
    if (measure == "memory_growth") return ratio(value[t, name, "memory_kb", r], value[t, a, "memory_kb", r])
    if (measure == "tps_ratio") return ratio(value[t, name, "tps", r], value[t, a, "tps", r])
    if (measure == "us_ratio") return ratio(value[t, name, "us", r], value[t, a, "us", r])
    return value[t, name, measure, r]
}

# The median over the repetitions, "" if there is none.
function result(t, name, measure, a,    r, x, n, i, sorted) {
    for (r = 1; r <= repetitions[t]; r++) {
        x = measured(t, name, measure, a, r)
        if (x == "") continue
        for (i = n++; i > 0 && sorted[i] > x; i--)
            sorted[i + 1] = sorted[i]
        sorted[i + 1] = x
    }
    if (n == 0) return ""
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

# ---- cells ----

function is_ratio(measure) { return measure ~ /^(raw|net|cpu|speedup|tps_ratio|us_ratio|growth|memory_growth)$/ }

function text_of(x, measure) {
    if (x == "") return "-"
    if (x < 0) return "-" text_of(-x, measure)
    return is_ratio(measure) && x < 100 ? sprintf("%.2f", x) : digits3(x)
}

# Whether the measure x meets the limit. Speed-up cannot be asked of a machine that has none.
function verdict(x, sign, limit, measure, t, a,    other) {
    if (sign == "<=" ? x <= limit : x >= limit) return "met"
    other = measure == "speedup" ? result(t, a, measure, a) : ""
    if (other != "" && other < limit) return "missed, as by " label[t, a]
    return "missed"
}

# The goals of a statement, for its own row. Those on growth compare two rows of it: they are only
# in the table of goals.
function goal_cell(t, name,    i, f, text, x) {
    for (i = 1; i <= ngoals; i++) {
        split(goal[i], f, /[ ]+/)
        if (f[1] != t || f[2] != name || f[4] ~ /growth/) continue
        x = result(t, name, f[4], f[3])
        if (x == "") continue
        text = text (text == "" ? "" : "; ") (f[4] == "first" ? "first use " : f[4] == "again" ? "next use " : "") f[5] " " f[6]
        if (f[3] != reference_of(t, name) && f[4] != "speedup") text = text " of " label[t, f[3]]
        text = text ": " verdict(x, f[5], f[6], f[4], t, f[3])
    }
    return text == "" ? "-" : text
}

# ---- tables ----

function measured_table(t,    n, f, i, k, file, name, x) {
    n = split(columns[kind[t]], f, " ")
    file = folder "/" t ".tsv"
    begin_table(t, title[t])
    begin_row("what")
    printf "what" >file
    for (k = 1; k <= n; k++) {
        cell(heading[f[k]])
        printf "\t%s", f[k] >file
    }
    cell("goal")
    print "\tgoal" >file
    for (i = 1; i <= nstatements[t]; i++) {
        name = statements[t, i]
        begin_row(label[t, name])
        printf "%s", label[t, name] >file
        for (k = 1; k <= n; k++) {
            x = result(t, name, f[k], reference_of(t, name))
            cell(text_of(x, f[k]))
            printf "\t%s", x == "" ? "-" : sprintf("%.4f", x) >file
        }
        cell(goal_cell(t, name))
        print "\t" goal_cell(t, name) >file
    }
    end_table()
    close(file)
}

function goals_table(    i, f, x, t, against, file) {
    file = folder "/goals.tsv"
    begin_table("goals", "what is to be reached")
    begin_row("what"); cell("against"); cell("measure"); cell("goal"); cell("measured"); cell("")
    print "table\tstatement\tagainst\tmeasure\tsign\tgoal\tmeasured\tverdict" >file
    for (i = 1; i <= ngoals; i++) {
        split(goal[i], f, /[ ]+/)
        t = f[1]
        x = result(t, f[2], f[4], f[3])
        if (x == "") continue
        against = f[3] == "-" ? "-" : label[t, f[3]]
        begin_row(t ": " label[t, f[2]])
        cell(against); cell(heading[f[4]]); cell(f[5] " " f[6]); cell(text_of(x, f[4]))
        cell(verdict(x, f[5], f[6], f[4], t, f[3]))
        printf "%s\t%s\t%s\t%s\t%s\t%s\t%.4f\t%s\n", t, f[2], f[3], f[4], f[5], f[6], x, cells[nrows, ncells] >file
    }
    end_table()
}

END {
    printf "# machine: what was measured on\n\n%s.\n\n", machine
    for (i = 1; i <= ntables; i++)
        measured_table(tables[i])
    goals_table()
}
