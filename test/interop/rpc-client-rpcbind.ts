// Run by rpc-client.test.ts in a network namespace beside a real rpcbind: registers two servers through its unix socket
// and lets our client find them. Prints one line of JSON: what the client was answered, by host, transport and version.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DracClient } from '../../src/client/index.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { AddStat, DRACPROG } from '../../src/protocols/drac/add.ts'
import { AcceptStat, decodeReply, encodeAccepted, encodeCall } from '../../src/protocols/oncrpc/message.ts'
import { encodeRecord, RecordReader } from '../../src/protocols/oncrpc/record-marking.ts'
import { encodeRpcb, RPCBVERS4, RpcbProc } from '../../src/protocols/portmap/rpcbind.ts'
import { formatUniversalAddress } from '../../src/protocols/portmap/universal-address.ts'
import { decodeDone, PMAP_PROG } from '../../src/protocols/portmap/v2.ts'
import { type Answer, fakeServer } from '../client/fake-dracd.ts'

const accept: Answer = ({ call }) => encodeAccepted(call.xid, AcceptStat.SUCCESS, AddStat.ADD_SUCCESS)

async function rpcbind(): Promise<Socket> {
  for (let tries = 0; ; tries++) {
    const socket = connect('/run/rpcbind.sock')
    const error = await new Promise<Error | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined)).once('error', resolve)
    })
    if (!error) return socket
    if (tries === 300) throw error
    await sleep(100)
  }
}

async function register(socket: Socket, vers: number, netid: string, address: string, port: number): Promise<void> {
  const addr = formatUniversalAddress({ address: parseAddress(address), port })
  const args = encodeRpcb({ prog: DRACPROG, vers, netid, addr, owner: 'test' })
  const call = encodeCall({ xid: 1, prog: PMAP_PROG, vers: RPCBVERS4, proc: RpcbProc.RPCBPROC_SET, args })
  const records = new RecordReader()
  const record = new Promise<Uint8Array>((resolve) => {
    const receive = (chunk: Buffer): void => {
      for (const one of records.push(chunk)) {
        socket.off('data', receive)
        resolve(one)
      }
    }
    socket.on('data', receive)
  })
  socket.write(encodeRecord(call))
  const reply = decodeReply(await record)
  if (reply.stat !== 'SUCCESS' || !decodeDone(reply.results))
    throw new Error(`rpcbind: ${netid} version ${vers} not set`)
}

const socket = await rpcbind()
const servers = { '127.0.0.1': await fakeServer(accept), '::1': await fakeServer(accept, '::1') }
const answers: Record<string, unknown> = {}
for (const [host, { port }] of Object.entries(servers)) {
  for (const transport of ['udp', 'tcp'] as const) {
    const drac = new DracClient({ hosts: host, transport, timeout: 10_000 })
    const ask = async (userip: string, when: string): Promise<void> => {
      answers[`${host} ${transport} ${userip} ${when}`] = (await drac.send(userip)).code
    }
    await ask('192.0.2.25', 'before')
    for (const vers of [1, 2]) await register(socket, vers, host === '::1' ? `${transport}6` : transport, host, port)
    await ask('192.0.2.25', 'after')
    await ask('2001:db8::1', 'after')
    drac.close()
  }
}
for (const server of Object.values(servers)) await server.close()
socket.destroy()
console.log(JSON.stringify(answers))
