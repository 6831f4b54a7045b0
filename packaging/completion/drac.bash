# Made from src/bin/drac/*.ts by "npm run generate": DO NOT EDIT.
_drac() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options words files=0
  COMPREPLY=()
  case $prev in
    --host-file | --config | --mta-root | --file | --program) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --mta) mapfile -t COMPREPLY < <(compgen -W '
sendmail
postfix
exim
opensmtpd
qmail
courier-mta
' -- "$cur"); return ;;
    --port | --timeout | --control | --for | --user | --note | --source | --network | --limit | --set | --as | --via | --smtp | --server | --login | --logout) return ;;
  esac
  case ${COMP_CWORD}:${COMP_WORDS[1]} in
    1:*) words='
auth
permit
revoke
list
show
status
watch
setup
check
config
logs
' options=--version ;;
    *:auth) options='
--json
--tcp
--port
--timeout
--host-file
' words='' files=0 ;;
    *:permit) options='
--json
--control
--for
--user
--note
' words='' files=0 ;;
    *:revoke) options='
--json
--control
--user
--source
--network
' words='' files=0 ;;
    *:list) options='
--json
--control
--user
--source
--limit
' words='' files=0 ;;
    *:show) options='
--json
--control
' words='' files=0 ;;
    *:status) options='
--json
--control
' words='' files=0 ;;
    *:watch) options='
--json
--control
' words='' files=0 ;;
    *:setup) options='
--config
--set
--as
--via
--write
--mta-root
--file
--program
--json
' words='
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
' files=0 ;;
    *:check) options='
--json
--control
--config
--set
--as
--mta
--mta-root
--file
--smtp
--no-smtp
--source
--permit-test
' words='' files=0 ;;
    *:config) options='
--config
--set
--as
--changed
--json
' words='
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
' files=0 ;;
    *:logs) options='
--server
--program
--login
--logout
--json
' words='test' files=$((COMP_CWORD > 2)) ;;
  esac
  if [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$cur")
  elif [[ $files == 1 ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"); fi
}
complete -F _drac drac
