# replace.awk: puts tables into a page, between the lines "<!-- WHERE: NAME -->" and "<!-- end -->".
# WHERE is what measures the table: bench/core or bench/run.sh.
#
#   awk -v tables=FILE -f replace.awk PAGE
#
# FILE is what a tables.awk has written.

BEGIN {
    while ((status = (getline line <tables)) > 0) {
        if (match(line, /^# [a-z_]+:/))
            name = substr(line, 3, RLENGTH - 3)
        else if (line != "")
            text[name] = text[name] line "\n"
    }
    if (status < 0) fail("cannot read " tables)
}

function fail(message) {
    print "replace.awk: " message >"/dev/stderr"
    failed = 1
    exit 1
}

/^<!-- bench\/[a-z.]+: [a-z_]+ -->$/ {
    name = $3
    if (!(name in text)) fail("no table " name)
    printf "%s\n\n%s\n", $0, text[name]
    inside = 1
    next
}

/^<!-- end -->$/ { inside = 0 }

!inside

END { if (inside && !failed) fail("no end of table " name) }
