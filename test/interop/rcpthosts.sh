# A stand-in for qmail-smtpd under tcpserver: it decides as qmail-smtpd's addrallowed() does. RELAYCLIENT that is set, even
# to nothing, permits every recipient; without it those of the local domain.
say() { printf '%s\r\n' "$1"; }
say '220 mta.test ESMTP'
while read -r line; do
  case $line in
    EHLO*) say '250 mta.test' ;;
    MAIL*) say '250 ok' ;;
    RCPT*@mta.test\>*) say '250 ok' ;;
    RCPT*)
      if [ "${RELAYCLIENT+set}" = set ]; then say '250 ok'
      else say "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"; fi ;;
    RSET*) say '250 flushed' ;;
    QUIT*) say '221 mta.test'; exit ;;
    *) say '502 unimplemented (#5.5.1)' ;;
  esac
done
