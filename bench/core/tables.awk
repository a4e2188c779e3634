# tables.awk: the results as Markdown tables, which are readable as they are.
#
#   awk -f ../markdown.awk -f tables.awk build/routers.tsv build/hashes.tsv

BEGIN { FS = "\t" }

/^#/ {
    machine = substr($0, 3)
    next
}

/^strategy\t/ || /^hash\t/ {
    for (i = 1; i <= NF; i++)
        column[$i] = i
    kind = $1
    next
}

kind == "strategy" {
    name = $1 == "by lot" ? "*(keys dealt out by lot)*" : $2 == "-" ? $1 : $1 ", " $2
    n = $3
    if (!(name in known)) {
        known[name] = 1
        names[++nnames] = name
    }
    if (!(n in sized)) {
        sized[n] = 1
        sizes[++nsizes] = n
    }
    for (c in column)
        value[name, n, c] = $column[c]
    if ($column["add_ideal"] != "-") {
        ideal_add[n] = $column["add_ideal"]
        ideal_remove[n] = $column["remove_ideal"]
    }
    next
}

kind == "hash" {
    if (!($1 in hashed)) {
        hashed[$1] = 1
        hashes[++nhashes] = $1
    }
    bits[$1] = $2
    ns[$1, $3] = $4
}

# ---- cells ----

# A time in milliseconds, in a unit that suits it.
function duration(x) {
    if (x < 0.001) return digits3(1000000 * x) " ns"
    if (x < 1) return digits3(1000 * x) " us"
    return digits3(x) " ms"
}

function bytes(x) {
    if (x < 10000) return thousands(x) " B"
    if (x < 10000000) return digits3(x / 1000) " kB"
    return digits3(x / 1000000) " MB"
}

function about(keys) { return keys > 0 ? "~ " : "" }

function balance_cell(name, n) {
    if (value[name, n, "max_share"] == "-") return "-"
    return about(value[name, n, "balance_keys"]) sprintf("%.3f / %.3f", value[name, n, "max_share"], value[name, n, "min_share"])
}

# What moves in per cent, and in brackets what of it moves without need.
function moves_cell(name, n, change,    moved, needless) {
    moved = value[name, n, change "_moved"]
    needless = value[name, n, change "_needless"]
    if (moved == "-") return "-"
    return about(value[name, n, change "_keys"]) digits3(100 * moved) (needless > 0 ? " (" digits3(100 * needless) ")" : "")
}

function duration_cell(name, n, c) { return value[name, n, c] == "-" ? "-" : duration(value[name, n, c]) }

function bytes_cell(name, n, c) { return value[name, n, c] == "-" ? "-" : bytes(value[name, n, c]) }

function time_cell(name, n) {
    if (value[name, n, "lookup_ns"] == "-") return "-"
    return digits3(value[name, n, "lookup_ns"]) " / " digits3(value[name, n, "key_ns"])
}

# ---- tables ----

# A row of cells that are all "-" says nothing.
function end_row(    k) {
    for (k = 2; k <= ncells; k++)
        if (cells[nrows, k] != "-") return
    nrows--
}

function heading(text,    i) {
    begin_row(text)
    for (i = 1; i <= nsizes; i++)
        cell(thousands(sizes[i]))
}

# A column for each number of shards; what is one of the cells above.
function size_table(title, text, what, c,    i, k, name, n) {
    begin_table(title, text)
    heading("shards")
    if (what == "moves") {
        begin_row("*(the least)*")
        for (i = 1; i <= nsizes; i++)
            cell(digits3(100 * ideal_add[sizes[i]]))
    }
    for (k = 1; k <= nnames; k++) {
        name = names[k]
        begin_row(name)
        for (i = 1; i <= nsizes; i++) {
            n = sizes[i]
            if (what == "balance") cell(balance_cell(name, n))
            else if (what == "moves") cell(moves_cell(name, n, "add"))
            else if (what == "bytes") cell(bytes_cell(name, n, c))
            else if (what == "time") cell(time_cell(name, n))
            else cell(duration_cell(name, n, c))
        }
        end_row()
    }
    end_table()
}

function removing_table(title, text, few, many,    k, name) {
    begin_table(title, text)
    begin_row("removed")
    cell("first of " thousands(few)); cell("middle"); cell("last")
    cell("first of " thousands(many)); cell("middle"); cell("last")
    begin_row("*(the least)*")
    for (k = 1; k <= 6; k++)
        cell(digits3(100 * ideal_remove[k <= 3 ? few : many]))
    for (k = 1; k <= nnames; k++) {
        name = names[k]
        begin_row(name)
        cell(moves_cell(name, few, "first")); cell(moves_cell(name, few, "middle")); cell(moves_cell(name, few, "last"))
        cell(moves_cell(name, many, "first")); cell(moves_cell(name, many, "middle")); cell(moves_cell(name, many, "last"))
        end_row()
    }
    end_table()
}

function hash_table(title, text,    k) {
    begin_table(title, text)
    begin_row("hash"); cell("bits"); cell("8 bytes"); cell("16 bytes"); cell("64 bytes")
    for (k = 1; k <= nhashes; k++) {
        begin_row(hashes[k])
        cell(bits[hashes[k]])
        cell(digits3(ns[hashes[k], 8])); cell(digits3(ns[hashes[k], 16])); cell(digits3(ns[hashes[k], 64]))
    }
    end_table()
}

END {
    printf "# machine: what was measured on\n\n%s.\n\n", machine
    size_table("balance", "largest / smallest share, where 1 is ideal; ~: counted over keys", "balance")
    size_table("adding", "per cent moved by one shard more, and (without need)", "moves")
    removing_table("removing", "per cent moved by one shard less, and (without need)", 10, 1000)
    size_table("time", "ns to route: a position / a key of 16 bytes", "time")
    size_table("compiling", "how long a router takes to compile", "duration", "compile_ms")
    size_table("memory", "of a compiled router", "bytes", "memory")
    size_table("stored", "size of a router as a value", "bytes", "stored_size")
    hash_table("hashes", "ns to hash a key")
}
