# markdown.awk: what the programs share that write results as Markdown tables.
#
# Each table has a line "# name: what it shows" above it; replace.awk finds it by its name.

function thousands(x) { return x < 1000 ? x "" : thousands(int(x / 1000)) "," sprintf("%03d", x % 1000) }

# Three digits, and never an exponent.
function digits3(x,    places) {
    if (x >= 1000) return thousands(int(x + 0.5))
    x = sprintf("%.3g", x) + 0
    if (x == 0) return "0"
    for (places = 0; x * 10 ^ places < 99.95; )
        places++
    return sprintf("%.*f", places, x)
}

function begin_table(title, text) {
    printf "# %s: %s\n\n", title, text
    nrows = ncolumns = 0
}

function begin_row(text) {
    nrows++
    ncells = 0
    cell(text)
}

function cell(text) {
    cells[nrows, ++ncells] = text
    if (ncells > ncolumns) ncolumns = ncells
}

function dashes(n,    text) {
    while (n-- > 0) text = text "-"
    return text
}

function end_table(    i, k, width) {
    for (k = 1; k <= ncolumns; k++) {
        width[k] = 3
        for (i = 1; i <= nrows; i++)
            if (length(cells[i, k]) > width[k]) width[k] = length(cells[i, k])
    }
    for (i = 1; i <= nrows; i++) {
        for (k = 1; k <= ncolumns; k++)
            printf (k == 1 ? "| %-*s |" : " %*s |"), width[k], cells[i, k]
        printf "\n"
        if (i > 1) continue
        for (k = 1; k <= ncolumns; k++)
            printf (k == 1 ? "|-%s-|" : "-%s:|"), dashes(width[k])
        printf "\n"
    }
    printf "\n"
}
