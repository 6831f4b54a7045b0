// One namespace with one dracd, every mail server that asks it, and every server whose logins it hears of: each set up by
// what "drac setup" says.
import { appendFileSync, chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installCourier, startCourier } from './courier.ts'
import { addCyrusUser, CYRUS_BINDS, startCyrus } from './cyrus.ts'
import { DOVECOT_BINDS, Dovecot } from './dovecot.ts'
import { buildDracCall } from './drac-call.ts'
import { Dracd } from './dracd.ts'
import { SHADOW, USER } from './mail-user.ts'
import { COURIER_PORTS, CYRUS_PORTS, DOVECOT_PORTS, type Place, WHOSON_PORT } from './matrix-logins.ts'
import { MATRIX_MTAS, type MatrixMta } from './matrix-mtas.ts'
import { Namespace } from './namespace.ts'
import { preparePop, startPerdition, startPopa3d, startSolidPop3d } from './pop-daemon.ts'
import { type Plan, prepareFiles, printSetup, writeSetup } from './setup.ts'
import { SYSLOG, Syslog } from './syslog.ts'
import { until } from './wait.ts'

const TOKEN = 'a-token-of-the-tests-0123456789'
const TOKEN_FILE = '/etc/drac/report-token'

/** What several of the servers need, and the proxy's address; what is one server's own, "drac setup" adds. */
const SETTINGS = `exempt_networks = ["192.0.2.1"]
report_group = "drac-report"
[report]
listen = ["unix:/run/drac/report.sock"]
[whoson]
listen = ["tcp:127.0.0.1:${WHOSON_PORT}", "tcp:192.0.2.1:${WHOSON_PORT}", "tcp:[2001:db8::1]:${WHOSON_PORT}"]
logins = true
`
const DRAC_RPC = { 'drac_rpc.listen': '["udp:127.0.0.1:0", "udp:192.0.2.1:0"]' }

/** @param report drac-report @param clients last numbers of the addresses that log in, or do not */
export async function openMatrixSite(report: string, clients: readonly number[]): Promise<Place> {
  const namespace = await Namespace.open({ clients })
  try {
    const plans = await prepare(namespace, report)
    const dracd = await startDracd(namespace, plans)
    const program = buildDracCall()
    await Promise.all([...plans.mtas.map((mta) => startMta(namespace, mta)), startLogins(namespace, plans)])
    return { namespace, dracd, dracCall: await program }
  } catch (error) {
    await namespace.close()
    throw error
  }
}

interface Plans {
  readonly mtas: readonly (readonly [MatrixMta, Plan])[]
  readonly dovecot: Plan
  readonly cyrus: Plan
  readonly courier: Plan
  readonly pam: Plan
  readonly log: Plan
}

/** Everything that is mounted, before any server runs: each runs in a copy of what is mounted then. */
async function prepare(namespace: Namespace, report: string): Promise<Plans> {
  writeFileSync(join(namespace.folder, 'etc/drac/dracd.toml'), SETTINGS)
  writeFileSync(join(namespace.folder, TOKEN_FILE), `${TOKEN}\n`)
  chmodSync(join(namespace.folder, TOKEN_FILE), 0o640)
  await Syslog.start(namespace, 'iso')
  installCourier(namespace, report)
  bindOver(namespace, [...DOVECOT_BINDS, ...CYRUS_BINDS])
  addCyrusUser(namespace)
  preparePop(namespace)
  for (const { server } of MATRIX_MTAS) server.configure(namespace)
  const print = (name: string, via: string): Promise<Plan> => printSetup(namespace, { name }, via)
  const [dovecot, cyrus, courier, pam, log, ...mtas] = await Promise.all([
    print('dovecot', 'policy'),
    print('cyrus', 'external'),
    print('courier-imap', 'scripts'),
    print('pam', 'account'),
    print('popa3d', 'log'),
    ...MATRIX_MTAS.map(({ server, via }) => print(server.name, via)),
  ])
  return { mtas: MATRIX_MTAS.map((mta, i) => [mta, mtas[i]!] as const), dovecot, cyrus, courier, pam, log }
}

/** Courier has laid a /usr of the namespace's own over the machine's: there is room for the others' paths. */
function bindOver(namespace: Namespace, binds: readonly (readonly [from: string, to: string])[]): void {
  for (const [from, to] of binds) {
    const make = 'if [ -d "$0" ]; then mkdir -p "$1"; else [ -e "$1" ] || : > "$1"; fi; mount --bind "$0" "$1"'
    namespace.exec('sh', ['-ec', make, from, to])
  }
}

async function startDracd(namespace: Namespace, { mtas, log, dovecot, cyrus, courier }: Plans): Promise<Dracd> {
  const lacks = [...mtas.map(([, { settings }]) => settings), log.settings, dovecot.settings, courier.settings]
  const lines = [...lacks, cyrus.settings].flatMap((settings) => [...settings, ''])
  const added = lines
    .join('\n')
    .replace('/var/log/mail.log', SYSLOG)
    .replace('"popa3d"', '"popa3d", "solid-pop3d", "perdition"')
  appendFileSync(join(namespace.folder, 'etc/drac/dracd.toml'), added)
  const dracd = await Dracd.start(namespace, { set: DRAC_RPC })
  for (const [{ map }, { commands }] of mtas) {
    if (map) await until(`${map.file} to be written`, () => existsSync(join(namespace.folder, map.file)))
    prepareFiles(namespace, commands)
    if (map?.group) namespace.exec('chgrp', [map.group, map.file])
  }
  return dracd
}

async function startMta(namespace: Namespace, [{ server, via }, plan]: Plans['mtas'][number]): Promise<void> {
  await writeSetup(namespace, server, via)
  await server.start(namespace, plan.parts[0]?.text ?? '')
}

async function startLogins(namespace: Namespace, plans: Plans): Promise<void> {
  for (const plan of [plans.cyrus, plans.dovecot, plans.courier]) type(namespace, plan)
  writePam(namespace, plans.pam)
  const [include] = plans.dovecot.parts
  await Promise.all([
    Dovecot.start(namespace, include!.text, DOVECOT_PORTS),
    startCyrus(namespace, plans.cyrus.parts.map(({ text }) => text).join(''), [USER], CYRUS_PORTS),
    startCourier(namespace, [], COURIER_PORTS),
    startPopa3d(namespace),
    startSolidPop3d(namespace).then(() => startPerdition(namespace)),
  ])
}

/** The files that are drac's own, and the commands; no service manager is here, and the token there is. */
function type(namespace: Namespace, { parts, commands }: Plan): void {
  for (const { file, where, text } of parts)
    if (where === 'the whole file') namespace.exec('tee', [file], { input: text })
  for (const command of commands)
    if (!/^(systemctl|doveadm|openssl) /.test(command)) namespace.exec('sh', ['-c', `${command} 2>&1`])
}

function writePam(namespace: Namespace, { parts }: Plan): void {
  const etc = join(namespace.folder, 'etc')
  writeFileSync(join(etc, 'shadow'), SHADOW, { mode: 0o600 })
  const stack = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\n'
  writeFileSync(join(etc, 'pam.d/imap'), `${stack}${parts[0]!.text}`)
}
