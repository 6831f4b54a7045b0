// dns-packet 5.6.1 has no types of its own: what this room uses of it. All of `decode` throw anything for bytes they cannot read.
declare module 'dns-packet' {
  interface Question {
    readonly name: string
    readonly type: string
    readonly class: string
  }
  interface Opt {
    readonly name: '.'
    readonly type: 'OPT'
    readonly udpPayloadSize: number
    readonly extendedRcode: number
    readonly ednsVersion: number
    readonly flags: number
    readonly options: readonly unknown[]
  }
  interface Soa {
    readonly mname: string
    readonly rname: string
    readonly serial: number
    readonly refresh: number
    readonly retry: number
    readonly expire: number
    readonly minimum: number
  }
  export type Answer = { readonly name: string; readonly ttl: number } & (
    | { readonly type: 'A' | 'NS' | 'TXT'; readonly data: string }
    | { readonly type: 'SOA'; readonly data: Soa }
  )
  /** A decoder, with the bytes that its last call read. */
  interface Decoder<T> {
    (bytes: Uint8Array, offset: number): T
    readonly bytes: number
  }
  interface Packet {
    readonly id?: number
    readonly type?: 'query' | 'response'
    readonly flags?: number
    readonly questions?: readonly Question[]
    readonly answers?: readonly (Answer | Opt)[]
    readonly authorities?: readonly (Answer | Opt)[]
    readonly additionals?: readonly (
      | Answer
      | Opt
      | (Omit<Opt, 'extendedRcode'> & { readonly extendedRcode?: number })
    )[]
  }
  interface DecodedPacket extends Required<Packet> {
    readonly rcode: string
    readonly flag_aa: boolean
    readonly flag_rd: boolean
    readonly flag_ra: boolean
  }
  const codec: {
    readonly name: { encode(name: string): Buffer }
    readonly question: { readonly decode: Decoder<Question> }
    readonly answer: { readonly decode: Decoder<Answer | Opt>; encode(answer: Answer | Opt): Buffer }
    encode(packet: Packet): Buffer
    decode(bytes: Uint8Array): DecodedPacket
  }
  export default codec
}
