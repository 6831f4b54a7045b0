// Every file of the repository that is made from the program itself.
import { settingsPage } from '../../daemon/manual/dracd-toml.ts'
import { openApiFile } from '../../daemon/manual/openapi.ts'
import { sampleFile } from '../../daemon/manual/sample.ts'
import { VERSION } from '../../daemon/version.ts'
import { dracCommand } from '../drac.ts'
import { describeCommands } from './commands.ts'
import { bashCompletion, fishCompletion, zshCompletion } from './completion.ts'
import { dracPage } from './drac-page.ts'

/** Path from the top of the repository -> text. */
export function generated(): Readonly<Record<string, string>> {
  const commands = describeCommands(dracCommand())
  return {
    'conf/dracd.toml.sample': sampleFile(),
    'docs/openapi.json': openApiFile(VERSION),
    'man/dracd.toml.5': settingsPage(VERSION),
    'man/drac.1': dracPage(commands, VERSION),
    'packaging/completion/drac.bash': bashCompletion(commands),
    'packaging/completion/_drac': zshCompletion(commands),
    'packaging/completion/drac.fish': fishCompletion(commands),
  }
}
