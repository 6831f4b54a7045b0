// Text for man(7), as groff and mandoc read it.

/** Escapes what roff would take for its own: backslash, typed hyphen, and a dot or quote that begins a line. */
export const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/^([.'])/gm, '\\&$1')

/** An argument of a macro, in quotes. */
export const argument = (text: string): string => `"${roff(text).replaceAll('"', '\\(dq')}"`

/** Each sentence begins a line, which roff needs to space them. */
export const prose = (text: string): string => roff(text.replace(/([.?]) (?=[A-Z"])/g, '$1\n'))

/** Lines that are shown as they are. */
export const display = (lines: readonly string[]): string =>
  ['.PP', '.RS 4', '.nf', ...lines.map(roff), '.fi', '.RE'].join('\n')

/** A paragraph with its heading in bold. */
export const tagged = (tag: string, text: string): string => `.TP\n.B ${argument(tag)}\n${text}`

/** The first lines of a page that is made by a program. */
export const head = (name: string, section: number, version: string, from: string): string =>
  `.\\" Made from ${from} by "npm run generate": DO NOT EDIT.
.TH ${argument(name.toUpperCase())} ${section} "${DATE}" ${argument(`drac ${version}`)}`

/** When the manual was last gone through as a whole. */
const DATE = '2026-11-25'
