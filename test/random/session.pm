# A session with the server by its frontend/backend protocol: what is needed of it, so that the test
# takes nothing but Perl itself, and sees SQLSTATEs.
package session;
use strict;
use warnings;
use IO::Socket::UNIX;

sub connect {
    my ($class, %startup) = @_;
    my $path = "$ENV{PGHOST}/.s.PGSQL.$ENV{PGPORT}";
    my $socket = IO::Socket::UNIX->new(Peer => $path) or die "cannot connect to $path: $!\n";
    binmode $socket;
    my $self = bless { socket => $socket }, $class;
    my $options = join '', map { "$_\0$startup{$_}\0" } sort keys %startup;
    $self->write_all(pack('NN', 9 + length $options, 196608) . "$options\0");
    my $result = $self->result;
    die "cannot connect: $result->{message}\n" if defined $result->{error};
    return $self;
}

sub write_all {
    my ($self, $bytes) = @_;
    while (length $bytes) {
        my $written = syswrite $self->{socket}, $bytes;
        die "the server is gone\n" unless $written;
        substr($bytes, 0, $written) = '';
    }
}

sub read_exactly {
    my ($self, $length) = @_;
    my $bytes = '';
    while (length $bytes < $length) {
        my $got = sysread $self->{socket}, $bytes, $length - length $bytes, length $bytes;
        next if !defined $got && $!{EINTR};
        die "the server is gone\n" unless $got;
    }
    return $bytes;
}

sub message {
    my ($type, $body) = @_;
    return $type . pack('N', 4 + length $body) . $body;
}

# What comes until the server is ready: rows, each a line; the SQLSTATE and message of an error.
sub result {
    my ($self) = @_;
    my %result = (rows => [], tags => []);
    while (1) {
        my ($type, $length) = unpack 'aN', $self->read_exactly(5);
        my $body = $self->read_exactly($length - 4);
        if ($type eq 'D') { push @{ $result{rows} }, row($body) }
        elsif ($type eq 'd') { push @{ $result{rows} }, $body =~ s/\n\z//r }
        elsif ($type eq 'C') { push @{ $result{tags} }, unpack 'Z*', $body }
        elsif ($type eq 'E') {
            my %field = map { (substr($_, 0, 1), substr($_, 1)) } split /\0/, $body;
            $result{error} = $field{C};
            $result{message} = join ' | ', map { defined $field{$_} ? $field{$_} : () } qw(M D W);
        }
        elsif ($type eq 'Z') { return \%result }
    }
}

sub row {
    my ($body) = @_;
    my ($columns, @row) = unpack 'n', $body;
    my $at = 2;
    for (1 .. $columns) {
        my $length = unpack 'l>', substr $body, $at, 4;
        $at += 4;
        if ($length < 0) { push @row, '\N'; next }
        push @row, substr $body, $at, $length;
        $at += $length;
    }
    return join '|', @row;
}

sub query {
    my ($self, $sql) = @_;
    $self->write_all(message('Q', "$sql\0"));
    return $self->result;
}

# A named statement of the protocol, whose parameters are texts.
sub prepare {
    my ($self, $name, $sql) = @_;
    $self->write_all(message('P', "$name\0$sql\0" . pack 'n', 0) . message('S', ''));
    return $self->result;
}

sub execute {
    my ($self, $name, @parameters) = @_;
    my $values = join '', map { pack 'N/a*', $_ } @parameters;
    $self->write_all(message('B', "\0$name\0" . pack('nn', 0, scalar @parameters) . $values . pack 'n', 0)
            . message('E', "\0" . pack 'N', 0)
            . message('S', ''));
    return $self->result;
}

# An answer that is needed.
sub must {
    my ($self, $sql) = @_;
    my $result = $self->query($sql);
    die "$result->{error} $result->{message}\n$sql\n" if defined $result->{error};
    return @{ $result->{rows} };
}

1;
