// How each kind of setting is written in the file, and what it becomes inside.
import * as v from 'valibot'
import { parseDuration } from '../../lib/duration.ts'
import { messageOf } from '../../lib/errors.ts'
import { type Prefix, parsePrefix } from '../../lib/prefix.ts'
import { type Endpoint, parseEndpoint } from '../../net/endpoint.ts'

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
const list = <T>(parse: (text: string) => T) =>
  v.pipe(
    v.union([
      v.array(v.string()),
      v.pipe(
        v.string(),
        v.transform((text) => text.split(',').flatMap((item) => item.trim() || [])),
      ),
    ]),
    v.array(parsed(parse)),
  )

/** `"30m"`, `"24h"`, or a number of seconds; at least `min` seconds. */
export const duration = (min: number) =>
  v.pipe(
    v.union(
      [v.pipe(v.number(), v.integer(), v.minValue(0)), parsed(parseDuration)],
      'write a duration such as "30m" or "24h"',
    ),
    v.minValue(min, `must be at least ${min} s`),
    v.maxValue(10 * 365 * 86_400, 'must be at most ten years'),
  )

export const integer = (min: number, max: number, why = '') =>
  v.pipe(
    v.number('write a number'),
    v.integer('write a whole number'),
    v.minValue(min, `must be at least ${min}${why}`),
    v.maxValue(max, `must be at most ${max}`),
  )

export const path = v.pipe(v.string(), v.startsWith('/', 'write an absolute path'))
/** A path, or `""` for none. */
export const optionalPath = v.union([v.literal(''), path], 'write an absolute path')
export const oneOf = <const T extends readonly string[]>(words: T) =>
  v.picklist(words, `must be one of ${words.join(', ')}`)

/** A domain name as it stands in the DNS, without a dot at the end; RFC 1035 section 2.3.4, short enough for 32 nibbles in front. */
export const domain = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.regex(/^(?=.{1,180}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/, 'write a domain name such as "drac.invalid"'),
)

export const endpoint = parsed<Endpoint>(parseEndpoint)
export const endpoints = list<Endpoint>(parseEndpoint)

/** Networks that may report logins: whoever trusts the whole Internet has an open relay. */
export const trusted = list<Prefix>((text) => {
  const prefix = parsePrefix(text)
  if (prefix.width > 0) return prefix
  throw new Error(`"${text}" trusts every host on the Internet to open this relay; name the mail servers instead`)
})
export const networks = list<Prefix>(parsePrefix)
