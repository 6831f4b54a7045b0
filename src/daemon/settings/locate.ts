/**
 * The line (from 1) on which a setting stands in a TOML file, for messages: `drac_rpc.portmapper`, `map.1.path`.
 * Follows table headers and `name =` lines; the deepest part of the name that can be found wins.
 */
export function lineOf(text: string, dotted: string): number | undefined {
  let table = ''
  let best: { line: number; depth: number } | undefined
  const arrays = new Map<string, number>()
  text.split('\n').forEach((raw, index) => {
    const header = /^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?/.exec(raw.replaceAll(/(["'])([\w-]+)\1/g, '$2'))
    const key = /^\s*(["']?)([\w.-]+)\1\s*=/.exec(raw)?.[2]
    let name: string | undefined
    if (header) {
      const at = arrays.get(header[2]!) ?? 0
      arrays.set(header[2]!, at + 1)
      table = header[1] === '[[' ? `${header[2]}.${at}` : header[2]!
      name = table
    } else if (key !== undefined) name = table === '' ? key : `${table}.${key}`
    if (name === undefined || (dotted !== name && !dotted.startsWith(`${name}.`))) return
    if (best === undefined || name.length > best.depth) best = { line: index + 1, depth: name.length }
  })
  return best?.line
}
