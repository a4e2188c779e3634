# Random statements over the tables of tables.sql: {a} is the table a, routed or plain. What they
# return, and whether they fail, does not depend on the order in which rows are met.
package statements;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(pick chance below query any_statement changing_statement settings lookups parallel_query prepared parameters
    key_of_series);

our $version = 150000; # of the server

our %type = (a => 'bigint', b => 'bigint', c => 'text', d => 'uuid', e => 'int', f => 'int',
    g => 'bigint', h => 'smallint', x => 'int');
my @tables = qw(a a b c d e f g h);
my %one_row_a_key = map { $_ => 1 } qw(a c d f h x);
my $numbers = 300;

sub below { my ($n) = @_; return int rand $n }
sub pick { return $_[below(scalar @_)] }
sub chance { my ($percent) = @_; return rand(100) < $percent }

# ---- keys ----

sub number { return 100 * (1 + below($numbers)) }

# The text of the key that a number makes.
sub text_of {
    my ($type, $number) = @_;
    return "key $number" if $type eq 'text';
    return sprintf '%08x-0000-4000-8000-%012x', ($number * 2654435761) % 4294967296, $number if $type eq 'uuid';
    return $number;
}

sub key {
    my ($type, $number) = @_;
    $number = number() unless defined $number;
    my $text = text_of($type, $number);
    return "'$text'::uuid" if $type eq 'uuid';
    return pick("'$text'", "'$text'", "'$text'::text", "'$text'::varchar", "('key ' || $number)") if $type eq 'text';
    return pick($text, $text, "$text\::bigint", "$text\::smallint", "$text\::int", "$text\::numeric", "'$text'", "($text - 50 + 50)");
}

# A value to store, of the very type.
sub key_value {
    my ($type, $number) = @_;
    $number = number() unless defined $number;
    return "'" . text_of($type, $number) . "'::$type";
}

# max() of uuid is new in version 18
sub greatest { return $_[0] eq 'uuid' ? 'max(z.k::text)::uuid' : 'max(z.k)' }

# The key of $to that belongs to a row of another table.
sub key_from {
    my ($to, $from, $alias) = @_;
    my ($of, $as) = ($type{$from}, $type{$to});
    my $family = sub { $_[0] =~ /int/ ? 'int' : $_[0] };
    return "$alias.k" if $family->($of) eq $family->($as);
    return "('key ' || $alias.k)" if $as eq 'text' && $of =~ /int/;
    return pick('(SELECT ' . greatest($as) . " FROM {$to} z WHERE z.v = $alias.v)", key($as));
}

# ---- expressions ----

sub integer {
    my ($alias, $table) = @_;
    my @all = ("$alias.i", "$alias.v", "coalesce($alias.v, 0)", "length($alias.t)", "$alias.v + $alias.i",
        "CASE WHEN $alias.v > 40 THEN $alias.i ELSE $alias.v % 7 END", below(100));
    push @all, "($alias.k % 700)::int", "($alias.k / 300)::int" if $type{$table} =~ /int/;
    return pick(@all);
}

sub keys_list {
    my ($type) = @_;
    return join ', ', map { key_value($type) } 1 .. 1 + below(5);
}

sub range_of {
    my ($alias, $table) = @_;
    my $type = $type{$table};
    if ($type =~ /int/) {
        my $from = number();
        my $to = $from + 100 * below(60);
        return pick("$alias.k BETWEEN $from AND $to", "$alias.k > $from AND $alias.k <= $to", "$alias.k < $from", "$alias.k >= $from");
    }
    my ($from, $to) = sort map { text_of($type, number()) } 1, 2;
    return pick("$alias.k BETWEEN '$from' AND '$to'", "$alias.k >= '$from'", "$alias.k < '$to'");
}

sub key_is {
    my ($alias, $table) = @_;
    my $type = $type{$table};
    my $equal = "$alias.k = " . key($type);
    return pick($equal, $equal, $equal,
        "$alias.k IN (" . keys_list($type) . ')',
        "$alias.k = ANY (ARRAY[" . keys_list($type) . '])',
        "$alias.k IS NOT DISTINCT FROM " . key_value($type),
        "($alias.k, $alias.i) = (" . key_value($type) . ', ' . below(4) . ')',
        "$alias.k = (SELECT " . greatest($type) . " FROM {$table} z WHERE z.v < " . below(100) . ')',
        "$alias.k = ANY (ARRAY(SELECT z.k FROM {$table} z WHERE z.v = " . below(100) . '))',
        "$alias.k IN (VALUES (" . join('), (', map { key_value($type) } 1 .. 3) . '))',
        "$alias.k\::text = '" . text_of($type, number()) . "'",
        "$alias.k IN (SELECT " . ($type =~ /int/ ? "y.k FROM {x} y WHERE y.v < 20" : "z.k FROM {$table} z WHERE z.i = 1") . ')');
}

sub condition {
    my ($alias, $table, $depth) = @_;
    $depth //= 0;
    my $which = below($depth > 2 ? 9 : 16);
    return key_is($alias, $table) if $which < 5;
    return range_of($alias, $table) if $which < 7;
    return pick("$alias.v IS NULL", "$alias.k IS NOT NULL", "$alias.v IN (1, 2, 3, " . below(100) . ')', "$alias.k IS NULL") if $which < 8;
    return integer($alias, $table) . pick(' < ', ' > ', ' = ', ' <> ') . below(100) if $which < 9;
    my $left = condition($alias, $table, $depth + 1);
    return "NOT ($left)" if $which < 10;
    my $other = pick(@tables, 'x');
    my $inner = 's' . $depth;
    return pick('', 'NOT ') . "EXISTS (SELECT FROM {$other} $inner WHERE $inner.k = " . key_from($other, $table, $alias)
        . (chance(50) ? " AND ($inner.v < " . below(100) . " OR $inner.v IS NULL)" : '') . ')'
        if $which < 12;
    my $right = condition($alias, $table, $depth + 1);
    return "($left " . pick('AND', 'OR', 'OR') . " $right)";
}

sub columns { my ($alias) = @_; return pick("$alias.*", "$alias.k, $alias.v", "$alias.k, $alias.i, md5($alias.t)", $alias) }

sub total_order { my ($alias) = @_; return "$alias.k, $alias.i, $alias.v, md5($alias.t)" }

# ---- queries ----

sub simple {
    my $table = pick(@tables);
    return 'SELECT ' . pick(columns('t'), integer('t', $table) . ', t.k') . " FROM {$table} t WHERE " . condition('t', $table);
}

sub join_of {
    my @from = (pick(@tables));
    my $text = "{$from[0]} t0";
    for my $n (1 .. 1 + below(2)) {
        my $table = pick(@tables, 'x');
        my $previous = below($n);
        my $on = "t$n.k = " . key_from($table, $from[$previous], "t$previous");
        my $kind = $on =~ /SELECT/ ? pick('JOIN', 'LEFT JOIN') : pick('JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN');
        # full joins need a condition that merges or hashes
        $kind = 'LEFT JOIN' if $kind eq 'FULL JOIN' && $on !~ /^t\d\.k = (t\d\.k|\('key ' \|\| t\d\.k\))$/;
        $on .= " AND t$n.i = t$previous.i" if chance(20);
        $text .= " $kind {$table} t$n ON $on";
        push @from, $table;
    }
    my $of = below(scalar @from);
    my $where = chance(85) ? ' WHERE ' . condition("t$of", $from[$of]) : '';
    my $select = join ', ', map { columns("t$_") } 0 .. $#from;
    return pick("SELECT $select FROM $text$where", "SELECT $select FROM $text$where",
        "SELECT t0.k, count(*), sum(t$#from.v) FROM $text$where GROUP BY t0.k",
        "SELECT count(*), count(DISTINCT t0.k), max(t$#from.v) FROM $text$where");
}

sub grouped {
    my $table = pick(@tables);
    my $where = chance(60) ? ' WHERE ' . condition('t', $table) : '';
    my $having = chance(30) ? ' HAVING count(*) ' . pick('> 1', '= 1', '< 3') : '';
    return pick(
        "SELECT t.k, count(*), sum(t.v), min(t.i), string_agg(md5(t.t), ',' ORDER BY t.i, t.v, t.t) FROM {$table} t$where GROUP BY t.k$having",
        "SELECT t.v % 10, count(*), count(t.k), max(t.k" . ($type{$table} eq 'uuid' ? '::text' : '') . ") FROM {$table} t$where GROUP BY 1$having",
        "SELECT t.k, t.i, sum(t.v) FROM {$table} t$where GROUP BY ROLLUP (t.k, t.i)$having",
        "SELECT count(*) FILTER (WHERE t.v > 30), sum(t.i), bool_or(t.v IS NULL) FROM {$table} t$where",
        "SELECT DISTINCT t.k, t.v % 3 FROM {$table} t$where",
        "SELECT DISTINCT ON (t.k) t.* FROM {$table} t$where ORDER BY " . total_order('t'));
}

sub ordered {
    my $table = pick(@tables);
    my $where = chance(70) ? ' WHERE ' . condition('t', $table) : '';
    my $order = pick(total_order('t'), 't.k DESC, t.i DESC, t.v, md5(t.t)', 't.v NULLS FIRST, t.k, t.i, md5(t.t)');
    return pick(
        "SELECT t.k, t.i, t.v, md5(t.t) FROM {$table} t$where ORDER BY $order LIMIT " . (1 + below(20)) . pick('', ' OFFSET ' . below(10)),
        "SELECT t.*, row_number() OVER w, lag(t.v) OVER w, sum(t.v) OVER w FROM {$table} t$where WINDOW w AS (ORDER BY $order)",
        "SELECT t.k, t.v, rank() OVER (PARTITION BY t.k ORDER BY t.i, t.v), count(*) OVER (PARTITION BY t.v % 5) FROM {$table} t$where");
}

sub set_operation {
    my ($one, $two) = (pick(@tables), pick(@tables));
    my @parts = map { my $t = $_; "SELECT " . ($type{$t} =~ /int/ ? 't.k::bigint::text' : 't.k::text') . ", t.v FROM {$t} t WHERE " . condition('t', $t) }
        $one, $two;
    return join pick(' UNION ', ' UNION ALL ', ' EXCEPT ', ' EXCEPT ALL ', ' INTERSECT ', ' INTERSECT ALL '), @parts;
}

sub lateral {
    my ($outer, $inner) = (pick(@tables, 'x'), pick(@tables));
    my $where = condition('o', $outer);
    my $on = 'n.k = ' . key_from($inner, $outer, 'o');
    return pick(
        "SELECT o.k, l.* FROM {$outer} o, LATERAL (SELECT n.* FROM {$inner} n WHERE $on ORDER BY " . total_order('n') . " LIMIT 2) l WHERE $where",
        "SELECT o.k, (SELECT sum(n.v) FROM {$inner} n WHERE $on) FROM {$outer} o WHERE $where",
        "SELECT o.k, l.c FROM {$outer} o LEFT JOIN LATERAL (SELECT count(*) AS c FROM {$inner} n WHERE $on AND n.v > o.v) l ON true WHERE $where");
}

sub with_query {
    my $table = pick(@tables);
    my $other = pick(@tables);
    my $kept = pick('', ' MATERIALIZED', ' NOT MATERIALIZED');
    return "WITH q AS$kept (SELECT * FROM {$table} t WHERE " . condition('t', $table) . ') '
        . pick("SELECT * FROM q", "SELECT q.k, n.v FROM q JOIN {$other} n ON n.k = " . key_from($other, $table, 'q'),
        "SELECT q.k FROM q WHERE q.k IN (" . keys_list($type{$table}) . ') UNION ALL SELECT q.k FROM q',
        "SELECT count(*) FROM {$other} n WHERE n.k IN (SELECT " . key_from($other, $table, 'q') . ' FROM q)');
}

# Functions; some after a moment in which a step may be made.
sub called {
    my $from = 1 + below($numbers);
    my $series = "generate_series($from, " . ($from + below(30)) . ') s';
    my $sleep = chance(40) ? sprintf('(SELECT pg_sleep(%.3f) OFFSET 0) z, ', rand 0.03) : '';
    my $table = pick(@tables);
    return pick(
        "SELECT s, {value_of}(s * 100::bigint) FROM $sleep$series",
        "SELECT s, {value_of}('key ' || s * 100) FROM $sleep$series",
        "SELECT s, {new_value_of}(s * 100) FROM $sleep$series",
        "SELECT f.* FROM $sleep$series, LATERAL {rows_of}(s * 100::bigint) f",
        "SELECT f.* FROM {rows_of}(" . number() . ') f',
        "SELECT t.k, {value_of}(t.v * 100::bigint) FROM $sleep\{$table} t WHERE " . condition('t', $table),
        "SELECT t.* FROM $sleep\{$table} t WHERE " . condition('t', $table),
        'SELECT {value_of}(' . number() . "::bigint), {value_of}('key " . number() . "'::text)");
}

# Many keys, each looked up by itself, when the query is executed or when it is planned.
sub key_of_series {
    my ($type) = @_;
    return "'key ' || s * 100" if $type eq 'text';
    return "(lpad(to_hex((s * 100::bigint * 2654435761) % 4294967296), 8, '0') || '-0000-4000-8000-' || lpad((s * 100)::text, 12, '0'))::uuid"
        if $type eq 'uuid';
    return "(s * 100)::$type";
}

sub single_keys {
    my ($table) = @_;
    return join ' UNION ALL ', map { "SELECT t.k, t.i, t.v FROM {$table} t WHERE t.k = " . key_value($type{$table}) } 1 .. 12;
}

sub lookups {
    my $table = pick(@tables);
    return single_keys($table) if chance(40);
    my $key = key_of_series($type{$table});
    return pick(
        "SELECT s, l.k, l.i, l.v FROM generate_series(1, $numbers) s, LATERAL (SELECT n.* FROM {$table} n WHERE n.k = $key OFFSET 0) l",
        "SELECT s, (SELECT sum(n.v + 1) FROM {$table} n WHERE n.k = $key) FROM generate_series(1, $numbers) s",
        "SELECT s, {value_of}(s * 100::bigint), {value_of}('key ' || s * 100) FROM generate_series(1, $numbers) s");
}

# What parallel workers may take a part in, without being started for every row.
sub parallel_query { return pick(\&simple, \&join_of, \&grouped, \&ordered, \&set_operation)->() }

sub query {
    return pick(\&simple, \&simple, \&simple, \&join_of, \&join_of, \&join_of, \&grouped, \&ordered,
        \&set_operation, \&lateral, \&with_query, \&called, \&lookups)->();
}

# ---- changes ----

sub text_value {
    my ($table) = @_;
    return "repeat(md5('" . below(1000) . "'), " . (1 + below(120)) . ')' if $table eq 'c' && chance(50);
    return chance(10) ? 'NULL' : "'t" . below(1000) . "'";
}

sub number_value { return chance(10) ? 'NULL::int' : below(100) }

sub values_of {
    my ($table, $count) = @_;
    return join ', ', map {
        '(' . join(', ', (chance(2) ? "NULL::$type{$table}" : key_value($type{$table})), below(8), number_value(), text_value($table)) . ')'
    } 1 .. $count;
}

sub returning { return pick('', '', ' RETURNING *', ' RETURNING k, v + 1', ' RETURNING k, md5(t)') }

sub insert {
    my $table = pick(@tables);
    my $key = $table eq 'b' || $table eq 'g' ? '(k, i)' : '(k)';
    my $conflict = $table eq 'e' ? pick('', ' ON CONFLICT DO NOTHING')
        : pick('', " ON CONFLICT $key DO NOTHING", ' ON CONFLICT DO NOTHING',
        " ON CONFLICT $key DO UPDATE SET v = (coalesce(o.v, 0) + 1) % 100, t = excluded.t",
        " ON CONFLICT $key DO UPDATE SET v = excluded.v WHERE o.v > 30");
    my $rows = chance(70) ? 'VALUES ' . values_of($table, 1 + below(4)) : do {
        my $from = pick(@tables);
        my $key = $type{$from} eq $type{$table} ? 'n.k' : $type{$table} eq 'text' ? "'key ' || n.v * 100"
            : $type{$table} eq 'uuid' ? "md5(n.v::text)::uuid" : '(n.v * 100 + 100)::' . $type{$table};
        # one row for each key, so that it does not matter which one is first
        "SELECT $key, min(n.i), min(n.v), min(md5(n.t)) FROM {$from} n WHERE " . condition('n', $from) . ' GROUP BY 1';
    };
    return "INSERT INTO {$table} AS o (k, i, v, t) $rows$conflict" . returning();
}

sub new_values {
    my ($table) = @_;
    return pick('v = (v + ' . below(10) . ') % 100', 'v = ' . number_value(), 't = ' . text_value($table),
        'v = ' . number_value() . ', t = ' . text_value($table));
}

sub update {
    my $table = pick(@tables);
    if (chance(25)) {
        my $other = pick(grep { $one_row_a_key{$_} } @tables, 'x');
        return "UPDATE {$table} o SET v = (coalesce(n.v, 0) + 1) % 100 FROM {$other} n WHERE n.k = "
            . key_from($other, $table, 'o') . ' AND ' . condition(pick(['o', $table], ['n', $other])->@*)
            . pick('', ' RETURNING o.k, o.v, n.k');
    }
    return "UPDATE {$table} o SET " . new_values($table) . ' WHERE ' . condition('o', $table) . returning();
}

# The rows that get another key, and the keys that they get, have none in common.
sub update_key {
    # before version 15 a row that goes to another partition takes along those that refer to it
    my $table = pick($version < 150000 ? grep { $_ ne 'a' } @tables : @tables);
    my $type = $type{$table};
    if ($type =~ /int/ && chance(40)) {
        my $from = number();
        return "UPDATE {$table} SET k = k + 2000, v = 5 WHERE k BETWEEN $from AND " . ($from + 100 * below(20)) . returning();
    }
    my ($old, $new) = (number(), number());
    $new += 100 if $new == $old;
    return "UPDATE {$table} SET k = " . key_value($type, $new) . ' WHERE k = ' . key_value($type, $old) . returning();
}

sub delete_rows {
    my $table = pick(@tables);
    if (chance(25)) {
        my $other = pick(@tables, 'x');
        return "DELETE FROM {$table} o USING {$other} n WHERE n.k = " . key_from($other, $table, 'o') . ' AND n.v = '
            . below(100) . ' AND ' . key_is('o', $table) . pick('', ' RETURNING o.k, o.v');
    }
    return "DELETE FROM {$table} o WHERE " . key_is('o', $table) . (chance(30) ? ' AND ' . condition('o', $table) : '') . returning();
}

sub writing_with {
    my ($one, $two) = (pick(@tables), pick(@tables));
    my $first = pick("UPDATE {$one} o SET v = 1 WHERE " . condition('o', $one) . ' RETURNING *',
        'DELETE FROM {' . $one . '} o WHERE ' . key_is('o', $one) . ' RETURNING *',
        "INSERT INTO {$one} AS o VALUES " . values_of($one, 2) . ' ON CONFLICT DO NOTHING RETURNING *');
    return "WITH w AS ($first) "
        . pick('SELECT * FROM w', 'SELECT count(*), sum(v) FROM w',
        "SELECT w.k, n.v FROM w JOIN {$two} n ON n.k = " . key_from($two, $one, 'w'),
        "SELECT n.k, n.v FROM {$two} n WHERE " . condition('n', $two) . ' AND n.i IN (SELECT i FROM w)',
        "INSERT INTO {x} SELECT count(*)::int + " . number() . ", 1, sum(v)::int, min(md5(t)) FROM w ON CONFLICT DO NOTHING RETURNING v");
}

sub merge {
    my $table = pick(grep { $one_row_a_key{$_} } @tables);
    my $source = pick('(VALUES ' . values_of($table, 1) . ') AS n (k, i, v, t)',
        "(SELECT k, min(i) AS i, min(v) AS v, min(md5(t)) AS t FROM {$table} z WHERE " . condition('z', $table) . ' GROUP BY k) AS n');
    return "MERGE INTO {$table} o USING $source ON o.k = n.k "
        . pick('', 'WHEN MATCHED AND o.v > 90 THEN DELETE ')
        . pick('WHEN MATCHED THEN UPDATE SET v = n.v, t = n.t ', 'WHEN MATCHED AND n.v IS NULL THEN DO NOTHING ', '')
        . 'WHEN NOT MATCHED THEN INSERT (k, i, v, t) VALUES (n.k, n.i, n.v, n.t)'
        . ($version >= 170000 ? pick('', ' RETURNING o.k, o.v') : '');
}

sub lock_rows {
    my $table = pick(@tables);
    return "SELECT t.k, t.v FROM {$table} t WHERE " . condition('t', $table) . pick(' FOR UPDATE', ' FOR SHARE', ' FOR NO KEY UPDATE SKIP LOCKED');
}

sub changing_statement {
    my @all = (\&insert, \&insert, \&insert, \&update, \&update, \&update_key, \&update_key, \&delete_rows, \&writing_with, \&lock_rows);
    push @all, \&merge, \&merge if $version >= 150000;
    return pick(@all)->();
}

sub any_statement {
    return changing_statement() if chance(40);
    my $query = query();
    return "COPY ($query) TO STDOUT" if chance(4);
    return $query;
}

# ---- statements that are kept ----

# With parameters: the text, and the types of the parameters, of keys or of integers.
sub prepared {
    my $table = pick(@tables);
    my $other = pick(@tables);
    my $type = $type{$table};
    my $on = key_from($other, $table, 't');
    my @all = (
        ["SELECT t.* FROM {$table} t WHERE t.k = \$1", $type],
        ["SELECT t.k, t.v FROM {$table} t WHERE t.k IN (\$1, \$2, " . key_value($type) . ')', $type, $type],
        ["SELECT t.k, t.v FROM {$table} t WHERE t.k = " . key_value($type) . " OR t.k = \$1 AND t.v < \$2", $type, 'int'],
        ["SELECT t.k, n.v FROM {$table} t JOIN {$other} n ON n.k = $on WHERE t.k = \$1", $type],
        ["SELECT t.k, n.v FROM {$table} t LEFT JOIN {$other} n ON n.k = $on WHERE t.v < \$1", 'int'],
        ["SELECT count(*), sum(v) FROM {$table} t WHERE t.k = ANY (ARRAY[\$1, \$2, \$3]::$type\[])", $type, $type, $type],
        ["SELECT (SELECT max(n.v) FROM {$table} n WHERE n.k = \$1), count(*) FROM {$other} t WHERE t.v < \$2", $type, 'int'],
        [single_keys($table) . ' UNION ALL SELECT NULL, NULL, $1', 'int'],
        [single_keys($table) . ' UNION ALL SELECT t.k, t.i, t.v FROM {' . $table . '} t WHERE t.k = $1', $type],
        ["SELECT count(*) FROM {$table} t WHERE t.k = " . key_value($type) . ' AND t.i < $1', 'int'],
        ["UPDATE {$table} t SET v = \$2 WHERE t.k = \$1 RETURNING t.k, t.v", $type, 'int'],
        ["UPDATE {$table} t SET v = \$1 WHERE t.k = " . key_value($type) . ' RETURNING t.k, t.v', 'int'],
        ["DELETE FROM {$table} t WHERE t.k = \$1 RETURNING t.v", $type],
        ["INSERT INTO {$table} VALUES (\$1, 0, \$2, 'kept') ON CONFLICT DO NOTHING RETURNING k, v", $type, 'int'],
        ["WITH w AS (DELETE FROM {$table} t WHERE t.k = \$1 RETURNING *) SELECT k, v FROM w UNION ALL SELECT k, v FROM {$table} n WHERE n.k = \$1", $type],
    );
    return @{ pick(@all) };
}

sub parameters { return map { $_ eq 'int' && chance(50) ? below(100) : text_of($_, number()) } @_ }

# ---- settings ----

sub settings {
    my @settings;
    push @settings, 'enable_' . pick(qw(seqscan indexscan bitmapscan indexonlyscan hashjoin mergejoin nestloop
            hashagg sort material partition_pruning memoize)) . ' = off' for 1 .. below(3);
    @settings = grep { $version >= 140000 || !/memoize/ } @settings;
    push @settings, 'enable_partitionwise_join = on' if chance(40);
    push @settings, 'enable_partitionwise_aggregate = on' if chance(40);
    push @settings, 'plan_cache_mode = ' . pick(qw(force_generic_plan force_custom_plan)) if chance(40);
    push @settings, 'max_parallel_workers_per_gather = 2', 'parallel_setup_cost = 0', 'parallel_tuple_cost = 0',
        'min_parallel_table_scan_size = 0', 'min_parallel_index_scan_size = 0' if chance(8);
    push @settings, 'jit = on', 'jit_above_cost = 0' if chance(1);
    return @settings;
}

1;
