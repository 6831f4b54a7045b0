# A service manager's end of sd_notify: prints each datagram as one line, "|" for the newlines in it.
# Receiving without room for descriptors closes those that systemd-notify sends to know when it may go.
use strict;
use warnings;
use Socket;
$| = 1;
unlink $ARGV[0];
socket(my $from, PF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($from, pack_sockaddr_un($ARGV[0])) or die "bind: $!";
chmod 0777, $ARGV[0];
print "listening\n";
while (defined recv($from, my $message, 4096, 0)) {
    $message =~ s/\n/|/g;
    print "$message\n";
}
