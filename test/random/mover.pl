# Changes the routers of tables.sql at random, again and again, until the file STOP is there. Then
# all changes that are under way come to their ends.
#
#   mover.pl DATABASE SEED STOP
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Time::HiRes 'sleep';
use session;
use statements qw(pick chance below);

my ($database, $seed, $stop) = @ARGV;
my %key_type = (by_ring => 'bigint', by_slots => 'text', by_jump => 'uuid', by_rendezvous => 'int',
    by_range => 'int', by_modulo => 'bigint');
my %count = (finished => 0, 'cut short' => 0, 'taken back' => 0, refused => 0);

srand($seed);
my $server = session->connect(user => $ENV{PGUSER}, database => $database, application_name => 'mover');
$server->must('SET client_min_messages = error');

sub shards { return map { "s$_" } grep { chance(60) } 1 .. 6 }

# Any router for keys of a type.
sub target {
    my ($type) = @_;
    my @shards = shards();
    @shards = qw(s2 s5) if @shards < 2;
    my $list = "'{" . join(',', @shards) . "}'";
    my $weights = ", weights => '{" . join(',', map { 1 + below(3) } @shards) . "}'";
    my @all = ("chash_ring($list)", "chash_ring($list$weights, vnodes => 7)", "chash_slots($list, slots => 64)",
        "chash_jump($list)", "chash_rendezvous($list$weights)", "chash_modulo($list)", "chash_hash_range($list)",
        "chash_maglev($list, slots => 251)");
    if ($type =~ /int/) {
        my @bounds = sort { $a <=> $b } map { 100 * $_ + 1 } (sort { $a <=> $b } (map { 37 * $_ + below(30) } 1 .. 8))[0 .. $#shards - 1];
        my $bounds = "'{" . join(',', @bounds) . "}', '$type'";
        push @all, "chash_range($list, $bounds)", "chash_modulo($list, hash => 'none')";
    }
    return pick(@all);
}

sub options {
    return join '', map { ", $_" } "max_lock => '" . pick(qw(0 1ms 3ms 20ms)) . "'", "pause => '" . pick(qw(0 1ms 5ms 20ms)) . "'",
        'concurrently => ' . (chance(25) ? 'true' : 'false');
}

# One CALL: a new change, or one that is under way goes on or back.
sub call {
    my ($router, $ending) = @_;
    my ($done) = $server->must("SELECT done FROM chash_stat_progress_reshard WHERE router = 'r.$router($key_type{$router})'::regprocedure");
    if (defined $done) {
        # of one that was left while it tidied up all rows have moved
        return ["CALL chash_reshard_back('r.$router'" . options() . ')', 'taken back'] if $done < 1 && chance(35);
        return ["CALL chash_reshard_resume('r.$router'" . options() . ')', 'finished'];
    }
    return if $ending;
    my $names = ", name => '{table}_{shard}'";
    my $shard = 's' . (1 + below(6));
    my $sql = pick("chash_add_shard('r.$router', '$shard'$names", "chash_remove_shard('r.$router', '$shard', drop => true",
        "chash_reweight_shard('r.$router', '$shard', " . (1 + below(3)),
        ("chash_reshard('r.$router', " . target($key_type{$router}) . $names) x 3);
    return ["CALL $sql" . options() . ')', 'finished'];
}

sub make {
    my ($sql, $counts) = @{ $_[0] };
    $server->must('SET statement_timeout = ' . ($_[1] || chance(50) ? 0 : 50 + below(400)));
    my $answer = $server->query($sql);
    # on a slow machine this is cancelled, too
    1 while defined $server->query('RESET statement_timeout')->{error};
    if (!defined $answer->{error}) { $count{$counts}++ }
    elsif ($answer->{error} eq '57014') { $count{'cut short'}++ }
    elsif ($answer->{error} =~ /^(22|42710|42704|0A000|55000)/) { $count{refused}++; print "refused: $sql: $answer->{message}\n" if $ENV{CHASH_VERBOSE} }
    else { die "$answer->{error} $answer->{message}\n$sql\n" }
}

# Partitions of shards that were removed would be in the way of new ones.
sub drop_detached {
    my @detached = $server->must("SELECT oid::regclass FROM pg_class WHERE relnamespace = 'r'::regnamespace "
            . "AND relkind = 'r' AND NOT relispartition AND relname <> 'x'");
    for my $table (@detached) {
        for (1 .. 50) {
            $server->must("SET lock_timeout = '20ms'");
            my $answer = $server->query("DROP TABLE $table");
            $server->must('RESET lock_timeout');
            last unless defined $answer->{error};
            die "$answer->{error} $answer->{message}\n" unless $answer->{error} =~ /^(40P01|55P03)$/;
            sleep 0.01;
        }
    }
}

while (!-e $stop) {
    my $call = call((sort keys %key_type)[ below(6) ]);
    make($call);
    drop_detached();
}
for my $router (sort keys %key_type) {
    while (my $call = call($router, 1)) { make($call, 1) }
}
drop_detached();
die "only $count{finished} changes came to their end\n" if $count{finished} < 3;
print join(', ', map { "$count{$_} $_" } sort keys %count), "\n";
