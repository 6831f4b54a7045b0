/** The same configuration for a sendmail.cf: what m4 would make of snippets that use no macros. */
export function cfOf(mc: string): string {
  return mc
    .split('\n')
    .filter((line) => !/^LOCAL_(CONFIG|RULESETS)$/.test(line))
    .map((line) => line.replace(/^dnl\b/, '#').replace('the end of sendmail.mc', 'the end of sendmail.cf'))
    .join('\n')
}
