# Made from src/bin/drac/*.ts by "npm run generate": DO NOT EDIT.
complete -c drac -f
complete -c drac -f -n __fish_use_subcommand -a auth -d 'report a login over RPC, as a POP or IMAP server does'
complete -c drac -n '__fish_seen_subcommand_from auth' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from auth' -l tcp -d 'over TCP instead of UDP'
complete -c drac -n '__fish_seen_subcommand_from auth' -l port -d 'the server\'s port, instead of asking its portmapper' -r -f
complete -c drac -n '__fish_seen_subcommand_from auth' -l timeout -d 'for everything' -r -f
complete -c drac -n '__fish_seen_subcommand_from auth' -l host-file -d 'where the hosts stand (default /etc/mail/dracd.host); empty: off' -r -F
complete -c drac -f -n __fish_use_subcommand -a permit -d 'authorize an address by hand'
complete -c drac -n '__fish_seen_subcommand_from permit' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from permit' -l control -d 'the control socket of dracd, unix:PATH' -r -f
complete -c drac -n '__fish_seen_subcommand_from permit' -l for -d 'how long, 2h say; never more than max_lifetime (default: lifetime)' -r -f
complete -c drac -n '__fish_seen_subcommand_from permit' -l user -d 'whom it is for' -r -f
complete -c drac -n '__fish_seen_subcommand_from permit' -l note -d 'why; drac show tells it' -r -f
complete -c drac -f -n __fish_use_subcommand -a revoke -d 'withdraw an authorization'
complete -c drac -n '__fish_seen_subcommand_from revoke' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from revoke' -l control -d 'the control socket of dracd, unix:PATH' -r -f
complete -c drac -n '__fish_seen_subcommand_from revoke' -l user -d 'everything this user logged in from' -r -f
complete -c drac -n '__fish_seen_subcommand_from revoke' -l source -d 'everything this source reported last, by the beginning of its name' -r -f
complete -c drac -n '__fish_seen_subcommand_from revoke' -l network -d 'everything inside this network, 192.0.2.0/24 say' -r -f
complete -c drac -f -n __fish_use_subcommand -a list -d 'show what is authorized now'
complete -c drac -n '__fish_seen_subcommand_from list' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from list' -l control -d 'the control socket of dracd, unix:PATH' -r -f
complete -c drac -n '__fish_seen_subcommand_from list' -l user -d 'only what this user logged in from' -r -f
complete -c drac -n '__fish_seen_subcommand_from list' -l source -d 'only what this source reported, by the beginning of its name' -r -f
complete -c drac -n '__fish_seen_subcommand_from list' -l limit -d 'at most so many' -r -f
complete -c drac -f -n __fish_use_subcommand -a show -d 'say why an address may or may not relay'
complete -c drac -n '__fish_seen_subcommand_from show' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from show' -l control -d 'the control socket of dracd, unix:PATH' -r -f
complete -c drac -f -n __fish_use_subcommand -a status -d 'endpoints, counts, rates, map files, health'
complete -c drac -n '__fish_seen_subcommand_from status' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from status' -l control -d 'the control socket of dracd, unix:PATH' -r -f
complete -c drac -f -n __fish_use_subcommand -a watch -d 'show events as they happen, until interrupted'
complete -c drac -n '__fish_seen_subcommand_from watch' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from watch' -l control -d 'the control socket of dracd, unix:PATH' -r -f
complete -c drac -f -n __fish_use_subcommand -a setup -d 'print the exact configuration for one mail server; --write applies it'
complete -c drac -n '__fish_seen_subcommand_from setup' -f -a '
sendmail
postfix
exim
opensmtpd
qmail
courier-mta
dovecot
cyrus
courier-imap
uw-imap
qpopper
teapop
tpop3d
popa3d
solid-pop3d
cucipop
vm-pop3d
gnu-pop3d
perdition
vpopmail
pam
whoson
'
complete -c drac -n '__fish_seen_subcommand_from setup' -l config -d 'dracd\'s settings (default /etc/drac/dracd.toml)' -r -F
complete -c drac -n '__fish_seen_subcommand_from setup' -l set -d 'one setting, over the file; repeatable' -r -f
complete -c drac -n '__fish_seen_subcommand_from setup' -l as -d 'as a dracd that is started so: "rpc.dracd -e 45 /etc/mail/dracd.db", say' -r -f
complete -c drac -n '__fish_seen_subcommand_from setup' -l via -d 'how it asks, or reports; the list of names tells the ways' -r -f
complete -c drac -n '__fish_seen_subcommand_from setup' -l write -d 'apply it: with a backup, the mail server\'s own check, and back when that fails'
complete -c drac -n '__fish_seen_subcommand_from setup' -l mta-root -d 'look for the mail server\'s files and programs below this folder' -r -F
complete -c drac -n '__fish_seen_subcommand_from setup' -l file -d 'the mail server\'s configuration file' -r -F
complete -c drac -n '__fish_seen_subcommand_from setup' -l program -d 'the program that checks it: postconf, sendmail, exim, smtpd' -r -F
complete -c drac -n '__fish_seen_subcommand_from setup' -l json -d 'print JSON'
complete -c drac -f -n __fish_use_subcommand -a check -d 'look for mistakes: settings, daemon, sockets, maps; with --mta the mail server too'
complete -c drac -n '__fish_seen_subcommand_from check' -l json -d 'print JSON'
complete -c drac -n '__fish_seen_subcommand_from check' -l control -d 'the control socket of dracd, unix:PATH' -r -f
complete -c drac -n '__fish_seen_subcommand_from check' -l config -d 'dracd\'s settings (default /etc/drac/dracd.toml)' -r -F
complete -c drac -n '__fish_seen_subcommand_from check' -l set -d 'one setting, over the file; repeatable' -r -f
complete -c drac -n '__fish_seen_subcommand_from check' -l as -d 'as a dracd that is started so: "rpc.dracd -e 45 /etc/mail/dracd.db", say' -r -f
complete -c drac -n '__fish_seen_subcommand_from check' -l mta -d 'read this mail server\'s configuration, and ask it whether it relays for a stranger' -r -f -a '
sendmail
postfix
exim
opensmtpd
qmail
courier-mta
'
complete -c drac -n '__fish_seen_subcommand_from check' -l mta-root -d 'look for the mail server\'s files below this folder' -r -F
complete -c drac -n '__fish_seen_subcommand_from check' -l file -d 'the mail server\'s configuration file' -r -F
complete -c drac -n '__fish_seen_subcommand_from check' -l smtp -d 'where the mail server listens' -r -f
complete -c drac -n '__fish_seen_subcommand_from check' -l no-smtp -d 'do not ask the mail server itself'
complete -c drac -n '__fish_seen_subcommand_from check' -l source -d 'ask from this address of this host; it must not be permitted otherwise' -r -f
complete -c drac -n '__fish_seen_subcommand_from check' -l permit-test -d 'permit that address for a minute, see it relay, revoke it, see it refused'
complete -c drac -f -n __fish_use_subcommand -a config -d 'show every setting, its value, default, source and meaning'
complete -c drac -n '__fish_seen_subcommand_from config' -f -a '
state_directory
lifetime
max_lifetime
ipv4_prefix
ipv6_prefix
trusted_clients
trusted_clients_file
exempt_networks
session_lease
max_session
shared_users
shared_window
shared_lifetime
max_entries
control
lookup_group
report_group
audit_file
log_level
log_format
drac_rpc
drac_rpc.listen
drac_rpc.portmapper
socketmap
socketmap.listen
tcp_table
tcp_table.listen
policy
policy.listen
policy.messages_per_hour
policy.recipients_per_hour
readsocket
readsocket.listen
dns_list
dns_list.listen
dns_list.zone
whoson
whoson.listen
whoson.logins
http
http.listen
http.token_file
http.report_token_file
report
report.listen
cyrus
cyrus.listen
map
map.path
map.format
map.key
map.value
map.nul
map.command
log
log.path
log.journal
log.servers
log_pattern
log_pattern.name
log_pattern.program
log_pattern.login
log_pattern.logout
poll
poll.server
poll.command
poll.url
poll.key_file
poll.interval
'
complete -c drac -n '__fish_seen_subcommand_from config' -l config -d 'dracd\'s settings (default /etc/drac/dracd.toml)' -r -F
complete -c drac -n '__fish_seen_subcommand_from config' -l set -d 'one setting, over the file; repeatable' -r -f
complete -c drac -n '__fish_seen_subcommand_from config' -l as -d 'as a dracd that is started so: "rpc.dracd -e 45 /etc/mail/dracd.db", say' -r -f
complete -c drac -n '__fish_seen_subcommand_from config' -l changed -d 'only what is not left at its default'
complete -c drac -n '__fish_seen_subcommand_from config' -l json -d 'print JSON'
complete -c drac -f -n __fish_use_subcommand -a logs -d 'test: print each line of a log that is a login or a logout: LINE, which, ADDRESS, USER, SERVER'
complete -c drac -n '__fish_seen_subcommand_from logs' -f -a '
test
'
complete -c drac -n '__fish_seen_subcommand_from logs' -F
complete -c drac -n '__fish_seen_subcommand_from logs' -l server -d 'only lines of this server; repeatable: dovecot, cyrus, courier, uw, qpopper, cucipop, teapop, popa3d, solid-pop3d, vm-pop3d, gnu-pop3d, perdition, vpopmail, tpop3d' -r -f
complete -c drac -n '__fish_seen_subcommand_from logs' -l program -d 'a syslog tag for --login; repeatable' -r -F
complete -c drac -n '__fish_seen_subcommand_from logs' -l login -d 'try a log_pattern of your own beside those of the servers' -r -f
complete -c drac -n '__fish_seen_subcommand_from logs' -l logout -d 'its line at the end of a session' -r -f
complete -c drac -n '__fish_seen_subcommand_from logs' -l json -d 'print one JSON object a line'
