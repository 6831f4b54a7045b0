// The one user of the servers under test, in the namespace's /etc/passwd.

export const USER = 'alice'
export const PASSWORD = 'secret'
/** By "openssl passwd -6". */
export const CRYPTED = '$6$drac$oi2h0HnIRJPFeQ9.Y3IpC61ti048ggXi80kQEGRSJiqgOC2fVv9nph.5KYNZCe3cjudx//set8SfaFUGqdcuJ/'

/** /etc/shadow, for pam_unix. */
export const SHADOW = `${USER}:${CRYPTED}:19000:0:99999:7:::\n`
