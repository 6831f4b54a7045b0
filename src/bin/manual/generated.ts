// Every file of the repository that is made from the program itself.
import { settingsPage } from '../../daemon/manual/dracd-toml.ts'
import { sampleFile } from '../../daemon/manual/sample.ts'
import { VERSION } from '../../daemon/version.ts'

/** Path from the top of the repository -> text. */
export const generated = (): Readonly<Record<string, string>> => ({
  'conf/dracd.toml.sample': sampleFile(),
  'man/dracd.toml.5': settingsPage(VERSION),
})
