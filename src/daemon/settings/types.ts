// How each kind of setting is written in the file, and what it becomes inside.
import * as v from 'valibot'
import { parseDuration } from '../../lib/duration.ts'
import { messageOf } from '../../lib/errors.ts'
import { type Prefix, parsePrefix } from '../../lib/prefix.ts'
import { type Endpoint, parseEndpoint } from '../../net/endpoint.ts'

/** What the manual says of a kind of setting. */
export type Said = {
  /** `an absolute path` */
  readonly words: string
  readonly limits?: string
  /** Seconds inside, text in the file. */
  readonly duration?: true
}
export const said = <S extends v.GenericSchema>(schema: S, words: string, more: Omit<Said, 'words'> = {}) =>
  v.pipe(schema, v.metadata<v.InferOutput<S>, Said>({ words, ...more }))

/** Text that `parse` understands; what it throws becomes the setting's error message. */
const parsed = <T>(parse: (text: string) => T) =>
  v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value)
      } catch (error) {
        addIssue({ message: messageOf(error) })
        return NEVER
      }
    }),
  )

/** A list, or one text with commas as `--set` and people write it. */
const list = <T>(parse: (text: string) => T, words: string) =>
  said(
    v.pipe(
      v.union([
        v.array(v.string()),
        v.pipe(
          v.string(),
          v.transform((text) => text.split(',').flatMap((item) => item.trim() || [])),
        ),
      ]),
      v.array(parsed(parse)),
    ),
    words,
  )

/** `"30m"`, `"24h"`, or a number of seconds; at least `min` seconds. */
export const duration = (min: number) =>
  said(
    v.pipe(
      v.union(
        [v.pipe(v.number(), v.integer(), v.minValue(0)), parsed(parseDuration)],
        'write a duration such as "30m" or "24h"',
      ),
      v.minValue(min, `must be at least ${min} s`),
      v.maxValue(10 * 365 * 86_400, 'must be at most ten years'),
    ),
    'a duration such as "30m" or "24h"',
    { limits: `at least ${min} s, at most ten years`, duration: true },
  )

export const integer = (min: number, max: number, why = '') =>
  said(
    v.pipe(
      v.number('write a number'),
      v.integer('write a whole number'),
      v.minValue(min, `must be at least ${min}${why}`),
      v.maxValue(max, `must be at most ${max}`),
    ),
    'a whole number',
    { limits: `${min} to ${max}` },
  )

/** A list of words, or one text with commas. @param pattern of each word @param cure what to write instead */
export const wordsLike = (pattern: RegExp, cure: string, words: string) =>
  list<string>((text) => {
    if (pattern.test(text)) return text
    throw new Error(cure)
  }, words)

export const path = said(v.pipe(v.string(), v.startsWith('/', 'write an absolute path')), 'an absolute path')
/** A path, or `""` for none. */
export const optionalPath = said(
  v.union([v.literal(''), path], 'write an absolute path'),
  'an absolute path, or "" for none',
)
export const oneOf = <const T extends readonly string[]>(words: T) =>
  said(
    v.picklist(words, `must be one of ${words.join(', ')}`),
    `one of ${words.map((word) => JSON.stringify(word)).join(', ')}`,
  )

/** A domain name as it stands in the DNS, without a dot at the end; RFC 1035 section 2.3.4, short enough for 32 nibbles in front. */
export const domain = said(
  v.pipe(
    v.string(),
    v.toLowerCase(),
    v.regex(/^(?=.{1,180}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/, 'write a domain name such as "drac.invalid"'),
  ),
  'a domain name',
)

export const endpoint = said(parsed<Endpoint>(parseEndpoint), 'an endpoint')
export const endpoints = list<Endpoint>(parseEndpoint, 'a list of endpoints')

const NETWORKS = 'a list of addresses and networks'
/** Networks that may report logins: whoever trusts the whole Internet has an open relay. */
export const trusted = list<Prefix>((text) => {
  const prefix = parsePrefix(text)
  if (prefix.width > 0) return prefix
  throw new Error(`"${text}" trusts every host on the Internet to open this relay; name the mail servers instead`)
}, NETWORKS)
export const networks = list<Prefix>(parsePrefix, NETWORKS)
