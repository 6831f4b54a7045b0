# A service manager's end of sd_listen_fds: opens sockets and becomes the program with them as descriptors 3 and up.
#   perl activate.pl tcp:ADDRESS:PORT udp:[ADDRESS]:PORT unix:PATH ... -- PROGRAM ARGUMENTS
# LISTEN_PID in the environment stays as it is, to play a manager that meant another process.
use strict;
use warnings;
use Socket qw(:all);
use POSIX ();
$^F = 64;    # descriptors up to this stay open across exec
my @open;
while (defined(my $text = shift)) {
    last if $text eq '--';
    my ($transport, $rest) = $text =~ /^(\w+):(.*)$/ or die "endpoint: $text";
    my $type = $transport eq 'udp' ? SOCK_DGRAM : SOCK_STREAM;
    my ($family, $address) = (PF_UNIX, undef);
    if ($transport eq 'unix') { $address = pack_sockaddr_un($rest) }
    else {
        my ($host, $port) = $rest =~ /^\[?(.*?)\]?:(\d+)$/ or die "endpoint: $text";
        $family = $host =~ /:/ ? PF_INET6 : PF_INET;
        my $packed = inet_pton($family, $host);
        $address = $family == PF_INET ? pack_sockaddr_in($port, $packed) : pack_sockaddr_in6($port, $packed);
    }
    socket(my $socket, $family, $type, 0) or die "socket: $!";
    bind($socket, $address) or die "bind $text: $!";
    $type == SOCK_DGRAM or listen($socket, 16) or die "listen $text: $!";
    push @open, $socket;
}
POSIX::dup2(fileno $open[$_], 3 + $_) // die "dup2: $!" for 0 .. $#open;
$ENV{LISTEN_FDS} = @open;
$ENV{LISTEN_FDNAMES} = join ':', ('dracd.socket') x @open;
$ENV{LISTEN_PID} //= $$;
exec { $ARGV[0] } @ARGV or die "exec $ARGV[0]: $!";
