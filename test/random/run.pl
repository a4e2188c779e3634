# Runs random transactions on the tables of tables.sql and on the same ones without partitions, and
# compares all answers, while mover.pl changes the routers.
#
#   run.pl DATABASE SEED TRANSACTIONS [FIRST]
#
# Whatever a transaction does follows from the seed and its number; what the mover does at that
# moment does not. FIRST leaves out the transactions before it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Time::HiRes 'sleep';
use session;
use statements;

my ($database, $seed, $transactions, $first) = @ARGV;
my ($server, $watcher, %names, %count, @kept);
my $number = $first || 1;
$| = 1;

sub twin {
    my ($schema, $sql) = @_;
    return $sql =~ s/\{(\w+)\}/$schema.$1/gr;
}

sub shorten { return length $_[0] > 300 ? substr($_[0], 0, 300) . '...' : $_[0] }

sub fail {
    my ($what, $op, @details) = @_;
    my $text = $op && ($op->{sql} || $op->{name});
    print "failure: $what\n  seed $seed, transaction $number", $op && $op->{context} ? " ($op->{context})" : '', "\n";
    print "  $text\n" if $text;
    print '  ', shorten($_), "\n" for grep { defined } @details;
    print "  settings: $names{settings}\n" if $names{settings};
    exit 1;
}

# ---- answers ----

sub is_retried { return defined $_[0]{error} && $_[0]{error} =~ /^(40001|40P01|55P03)$/ }

# A null key is refused by another constraint, and of several that fail any one may be the first.
sub error_of {
    my ($answer) = @_;
    return '' unless defined $answer->{error};
    return $answer->{error} =~ /^23/ ? '23' : $answer->{error};
}

sub compare {
    my ($op, $routed, $plain) = @_;
    for ($routed, $plain) {
        $count{ $_->{error} }++ if defined $_->{error};
        # what the generator should not have asked for, and what no server should say
        fail("unexpected error", $op, "$_->{error} $_->{message}") if defined $_->{error} && $_->{error} =~ /^(42|XX|58|53|57|0A)/;
    }
    fail('errors differ', $op, map { ($_ == $routed ? 'routed: ' : 'plain: ') . ($_->{message} || 'none') } $routed, $plain)
        if error_of($routed) ne error_of($plain);
    return if defined $routed->{error};
    fail('tags differ', $op, "routed: @{ $routed->{tags} }", "plain: @{ $plain->{tags} }") if "@{ $routed->{tags} }" ne "@{ $plain->{tags} }";
    compare_rows($op, $routed->{rows}, $plain->{rows});
}

sub compare_rows {
    my ($op, $routed, $plain) = @_;
    my %rows;
    $rows{$_}++ for @$routed;
    $rows{$_}-- for @$plain;
    my @differ = map { ($rows{$_} > 0 ? 'routed: ' : 'plain: ') . $_ } grep { $rows{$_} } sort keys %rows;
    fail('rows differ: ' . scalar(@$routed) . ' routed, ' . scalar(@$plain) . ' plain', $op, @differ > 8 ? @differ[ 0 .. 7 ] : @differ) if @differ;
    $count{rows} += @$plain;
}

# ---- what a transaction is made of ----

# Each of these returns false where the transaction has to be tried again.
my %does = (
    set => sub { $server->must("SET LOCAL $_[0]{sql}"); return 1 },
    wait => \&do_wait,
    sleep => sub { sleep $_[0]{seconds}; return 1 },
    sql => sub { return !is_retried($server->query($_[0]{sql})) },
    both => \&do_both,
    declare => \&do_declare,
    fetch => \&do_fetch,
    partitions => \&do_partitions,
);

sub ask {
    my ($op, $schema) = @_;
    return $server->query(twin($schema, $op->{sql})) unless $op->{kept};
    my $kept = $op->{kept};
    return $server->execute("$schema$kept->{name}", @{ $op->{parameters} }) if $kept->{protocol};
    return $server->query("EXECUTE $schema$kept->{name} (" . join(', ', map { "'$_'" } @{ $op->{parameters} }) . ')');
}

sub do_both {
    my ($op) = @_;
    my @answers;
    for my $schema (qw(r p)) {
        $server->must('SAVEPOINT one') if $op->{savepoint};
        my $answer = ask($op, $schema);
        return 0 if is_retried($answer);
        $server->must((defined $answer->{error} ? 'ROLLBACK TO' : 'RELEASE') . ' one') if $op->{savepoint};
        push @answers, $answer;
        # without a savepoint nothing more can be said in this transaction
        last if defined $answer->{error} && $op->{inside} && !$op->{savepoint};
    }
    $count{statements}++;
    return error_without_savepoint($op, @answers) if @answers < 2 || $op->{inside} && !$op->{savepoint} && defined $answers[1]{error};
    compare($op, @answers);
    return 1;
}

# The transaction is made once more, with savepoints, to see whether the other one fails as well.
sub error_without_savepoint {
    $names{savepoints} = 1;
    return 0;
}

# Until a step has been made, so that the snapshot is from before it; unless the transaction has failed
# because of that a few times.
sub do_wait {
    return 1 if $names{attempts} > 3;
    my $sql = "SELECT string_agg(xmin::text, ' ' ORDER BY oid) FROM pg_proc WHERE pronamespace = 'r'::regnamespace AND proname ~ '^by_[a-z]+\$'";
    my ($before) = $watcher->must($sql);
    for (1 .. 30) {
        sleep 0.005;
        my ($now) = $watcher->must($sql);
        if ($now ne $before) { $count{'older snapshots'}++; return 1 }
    }
    return 1;
}

sub do_declare {
    my ($op) = @_;
    @{ $op->{rows} }{qw(r p)} = ([], []);
    for my $schema (qw(r p)) {
        my $answer = $server->query("DECLARE $op->{cursor}_$schema $op->{kind} FOR " . twin($schema, $op->{sql}));
        return 0 if is_retried($answer);
        fail('a cursor', $op, "$answer->{error} $answer->{message}") if defined $answer->{error};
    }
    return 1;
}

sub do_fetch {
    my ($op) = @_;
    my $declared = $op->{of};
    for my $schema (qw(r p)) {
        my $answer = $server->query("FETCH $op->{count} FROM $declared->{cursor}_$schema");
        return 0 if is_retried($answer);
        fail('a cursor', $declared, "$answer->{error} $answer->{message}") if defined $answer->{error};
        push @{ $declared->{rows}{$schema} }, @{ $answer->{rows} };
    }
    return 1 unless $op->{count} eq 'ALL';
    $server->must("CLOSE $declared->{cursor}_$_") for qw(r p);
    $count{statements}++;
    compare_rows($declared, @{ $declared->{rows} }{qw(r p)});
    return 1;
}

# All partitions that the snapshot sees have all rows, though steps go on: this locks no table of a
# router.
sub do_partitions {
    my ($op) = @_;
    my @partitions = $server->must("SELECT n.nspname || '.' || c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
            . "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE inhparent = 'r.$op->{table}'::regclass");
    my $routed = $server->query("DECLARE parts CURSOR FOR " . join ' UNION ALL ', map { "SELECT k, i, v, t FROM $_" } @partitions);
    return 0 if is_retried($routed) || defined $routed->{error} && $routed->{error} eq '42P01';
    my @rows;
    while (!defined $routed->{error}) {
        $routed = $server->query('FETCH 40 FROM parts');
        last if defined $routed->{error} || !@{ $routed->{rows} };
        push @rows, @{ $routed->{rows} };
        sleep 0.002;
    }
    return 0 if is_retried($routed);
    my $plain = $server->query("SELECT k, i, v, t FROM p.$op->{table}");
    fail('partitions', $op, $routed->{message}) if defined $routed->{error};
    $count{statements}++;
    compare_rows($op, \@rows, $plain->{rows});
    $server->must('CLOSE parts');
    return 1;
}

# ---- making one ----

sub keep_one {
    my ($sql, @types) = prepared();
    my $kept = { name => $number, sql => $sql, types => \@types, protocol => chance(50) };
    for my $schema (qw(r p)) {
        my $text = twin($schema, $sql);
        my $answer = $kept->{protocol} ? $server->prepare("$schema$number", $text)
            : $server->query("PREPARE $schema$number (" . join(', ', @types) . ") AS $text");
        fail('a statement that is kept', { sql => $text }, "$answer->{error} $answer->{message}") if defined $answer->{error};
    }
    push @kept, $kept;
    return unless @kept > 40;
    my $old = shift @kept;
    $server->must(($old->{protocol} ? 'DEALLOCATE "' . "$_$old->{name}\"" : "DEALLOCATE $_$old->{name}")) for qw(r p);
}

sub both { my ($sql, %more) = @_; return { do => 'both', sql => $sql, %more } }

sub executed {
    my ($kept) = $kept[ below(scalar @kept) ];
    my @parameters = parameters(@{ $kept->{types} });
    return both("$kept->{sql} -- " . join(', ', @parameters), kept => $kept, parameters => \@parameters);
}

# Outside of a transaction block: a statement is one.
sub single {
    my @ops = map { chance(50) && @kept ? executed() : both(any_statement()) } 1 .. 1 + below(3);
    return { ops => \@ops };
}

sub block {
    my $level = pick('READ COMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'REPEATABLE READ', 'SERIALIZABLE');
    my @ops = map { { do => 'set', sql => $_ } } settings();
    my $parallel = grep { $_->{sql} =~ /parallel/ } @ops;
    my %may = (savepoint => chance(60), inside => 1);
    # a snapshot from before some steps; in READ COMMITTED it is none
    push @ops, { do => 'sql', sql => 'SELECT 1' }, { do => 'wait' } if chance(45);
    push @ops, { do => 'partitions', table => pick(qw(a b c d e f g h)), name => 'all partitions' } if $level ne 'READ COMMITTED' && chance(8);
    my $declared;
    if (chance(10)) {
        $declared = { do => 'declare', sql => query(), cursor => 'cur', kind => pick('CURSOR', 'NO SCROLL CURSOR', 'CURSOR WITH HOLD') };
        push @ops, $declared;
    }
    push @ops, both($parallel ? parallel_query() : lookups()) if @ops && $ops[-1]{do} eq 'wait' && chance(60);
    for (1 .. 1 + below(5)) {
        my $back = $may{savepoint} && chance(12);
        push @ops, { do => 'sql', sql => 'SAVEPOINT back' } if $back;
        push @ops, $parallel ? both(parallel_query()) : chance(20) && @kept ? executed() : both(any_statement());
        # gives its locks back, so that steps are made
        push @ops, { do => 'sql', sql => 'ROLLBACK TO back' }, { do => 'wait' } if $back;
        push @ops, { do => 'fetch', of => $declared, count => 1 + below(30) } if $declared && chance(60);
    }
    $_->{context} = $level for @ops;
    my $end = chance(60) ? 'COMMIT' : 'ROLLBACK';
    my $hold = $declared && $declared->{kind} =~ /HOLD/ && $end eq 'COMMIT';
    push @ops, { do => 'fetch', of => $declared, count => 'ALL' } if $declared && !$hold;
    for my $op (@ops) {
        @$op{ keys %may } = values %may if $op->{do} eq 'both';
    }
    return { begin => "BEGIN ISOLATION LEVEL $level", end => $end, ops => \@ops,
        after => $hold ? [{ do => 'sleep', seconds => rand 0.03 }, { do => 'fetch', of => $declared, count => 'ALL' }] : [] };
}

# Rows come again where many were deleted.
sub refill {
    my @ops;
    for my $table (qw(a b c d e f g h x)) {
        my $from = 1 + below(250);
        my $type = $statements::type{$table};
        my $key = key_of_series($type);
        my $rows = "SELECT $key, s % 5, s % 100, 't' || s FROM generate_series($from, " . ($from + 120) . ') s';
        $rows .= ' JOIN {a} y ON y.k = s * 100' if $table eq 'b';
        push @ops, both("INSERT INTO {$table} $rows ON CONFLICT DO NOTHING", savepoint => 1, inside => 1);
    }
    push @ops, both('DELETE FROM {e} WHERE i > 3', savepoint => 1, inside => 1) if chance(30);
    return { begin => 'BEGIN', end => 'COMMIT', ops => \@ops };
}

# ---- running one ----

sub attempt {
    my ($transaction) = @_;
    $server->must($transaction->{begin}) if $transaction->{begin};
    for my $op (@{ $transaction->{ops} }) {
        $op->{savepoint} = 1 if $op->{inside} && $names{savepoints};
        while (!$does{ $op->{do} }->($op)) {
            return 0 if $transaction->{begin};
            # of a statement by itself the twin has not been touched
            $count{retries}++;
        }
    }
    if ($transaction->{end}) {
        my $answer = $server->query($transaction->{end});
        return 0 if is_retried($answer);
        fail('the end', undef, "$answer->{error} $answer->{message}") if defined $answer->{error};
    }
    for my $op (@{ $transaction->{after} || [] }) { $does{ $op->{do} }->($op) }
    return 1;
}

sub run {
    my ($transaction) = @_;
    $names{savepoints} = 0;
    $names{settings} = join '; ', map { $_->{sql} } grep { $_->{do} eq 'set' } @{ $transaction->{ops} };
    for (1 .. 500) {
        $names{attempts} = $_;
        if (attempt($transaction)) { $count{transactions}++; return }
        $server->must('ROLLBACK');
        $count{retries}++;
        sleep 0.001 * $_;
    }
    fail('tried in vain for 500 times', $transaction->{ops}[0]);
}

# Outside of a transaction block: what has waited for a step may have a snapshot from before it.
sub ask_again {
    my ($sql) = @_;
    my $answer;
    do { $answer = $server->query($sql) } while is_retried($answer);
    fail('a comparison', { sql => $sql }, "$answer->{error} $answer->{message}") if defined $answer->{error};
    return @{ $answer->{rows} };
}

# All rows, where a scan finds them and where a key finds them.
sub compare_all {
    for my $table (qw(a b c d e f g h)) {
        my @differ = ask_again("SELECT 'routed', d.* FROM (TABLE r.$table EXCEPT ALL TABLE p.$table) d "
                . "UNION ALL SELECT 'plain', d.* FROM (TABLE p.$table EXCEPT ALL TABLE r.$table) d");
        fail("table $table differs", undef, @differ) if @differ;
        # OFFSET keeps it from being a join, so that each key is looked up by itself
        my @lost = ask_again("SELECT q.k FROM p.$table q WHERE NOT EXISTS (SELECT FROM r.$table x WHERE x.k = q.k OFFSET 0)");
        fail("keys are not found in table $table", undef, @lost) if @lost;
        my @problems = ask_again("SELECT * FROM chash_check('r.$table') WHERE problem <> 'partition of no shard'");
        fail("chash_check of table $table", undef, @problems) if @problems;
    }
    $count{'whole comparisons'}++;
}

($server, $watcher) = map { session->connect(user => $ENV{PGUSER}, database => $database, application_name => $_) } qw(random watcher);
($statements::version) = $server->must('SHOW server_version_num');
$server->must('SET client_min_messages = error');
for my $transaction ($number .. $number + $transactions - 1) {
    $number = $transaction;
    srand($seed * 1_000_003 + $number);
    keep_one() if chance(15) || !@kept;
    run($number % 40 == 1 ? refill() : chance(20) ? single() : block());
    compare_all() if $number % 100 == 0;
}
compare_all();
fail('no snapshot was older than a step') unless $count{'older snapshots'};
print join(', ', map { "$count{$_} $_" } sort keys %count), "\n";
