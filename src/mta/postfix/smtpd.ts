// One smtpd as it really runs: main.cf, with what master.cf sets for it alone.
import { expand, type Parameter, parameter, parseMainCf } from './main-cf.ts'
import { parseMasterCf, type SmtpdService } from './master-cf.ts'
import { parseRestrictions, type Restriction } from './restrictions.ts'

/** Since 2.10; what is set is told by postconf -d. */
const DEFAULTS: Readonly<Record<string, string>> = {
  smtpd_relay_restrictions: 'permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination',
  queue_directory: '/var/spool/postfix',
  smtpd_policy_service_default_action: '451 4.3.5 Server configuration problem',
  smtpd_policy_service_timeout: '100s',
}

export interface Files {
  readonly mainPath: string
  readonly main: string
  readonly masterPath: string
  readonly master: string
}

export class Smtpd {
  readonly service: SmtpdService | undefined
  readonly #parameters: readonly Parameter[]
  readonly #files: Files

  constructor(files: Files, parameters: readonly Parameter[], service: SmtpdService | undefined) {
    this.#files = files
    this.#parameters = parameters
    this.service = service
  }

  /** With `$name` of set parameters replaced; the default where it is known; else undefined. */
  value(name: string): string | undefined {
    const raw = this.service?.options.get(name)?.value ?? parameter(this.#parameters, name)?.value
    return raw === undefined ? DEFAULTS[name] : expand(raw, this.#parameters)
  }

  isSet(name: string): boolean {
    return this.service?.options.has(name) === true || parameter(this.#parameters, name) !== undefined
  }

  /** `FILE:LINE` of the definition in force; the file alone for a default. */
  where(name: string): string {
    const option = this.service?.options.get(name)
    if (option) return `${this.#files.masterPath}:${option.line}`
    const found = parameter(this.#parameters, name)
    return found ? `${this.#files.mainPath}:${found.line}` : this.#files.mainPath
  }

  /** With restriction classes in place of their names. */
  restrictions(name: string): Restriction[] {
    const classes = new Set((this.value('smtpd_restriction_classes') ?? '').split(/[\s,]+/))
    return parseRestrictions(this.value(name) ?? '').flatMap((each) =>
      classes.has(each.verb) ? parseRestrictions(this.value(each.verb) ?? '') : [each],
    )
  }

  /** "-" is the default, which is "n" since compatibility_level 1. */
  get chrooted(): boolean {
    const field = this.service?.chroot ?? 'n'
    return field === 'y' || (field === '-' && Number.parseFloat(this.value('compatibility_level') ?? '0') < 1)
  }
}

export const isPort25 = ({ name }: SmtpdService): boolean => /^(\S+:)?(smtp|25) inet$/.test(name)

/** Every smtpd that has a list of its own, and the others as one: the one on port 25 when it is among them. */
export function smtpds(files: Files): Smtpd[] {
  const parameters = parseMainCf(files.main)
  const services = parseMasterCf(files.master)
  const own = services.filter(
    (service) => service.options.has('smtpd_relay_restrictions') || service.options.has('mynetworks'),
  )
  const plain = services.filter((service) => !own.includes(service))
  const first = plain.find(isPort25) ?? plain[0]
  const shared = first !== undefined || services.length === 0 ? [first] : []
  return [...shared, ...own].map((service) => new Smtpd(files, parameters, service))
}
