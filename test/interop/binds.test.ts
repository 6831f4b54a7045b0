// A namespace shows what a server insists on in its place, and the machine is as it was.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Namespace } from './namespace.ts'
import { skipping } from './programs.ts'

test.skipIf(skipping('binds.test.ts'))(
  'folders and files are bound to places that the machine lacks, and to others',
  async () => {
    const places = ['/usr/lib/drac-bind/deep', '/usr/lib/drac-other', '/usr/share/drac-file', '/usr/games'] as const
    const namespace = await Namespace.open({
      binds: places.map((to) => [to.endsWith('file') ? '/etc/hosts' : '/etc', to]),
    })
    try {
      for (const to of places) {
        const file = to.endsWith('file') ? to : `${to}/hosts`
        expect(namespace.exec('cat', [file]), to).toContain('mta.test')
      }
      expect(namespace.exec('ls', ['/usr/lib', '/usr/share'])).toContain('bash')
    } finally {
      await namespace.close()
    }
    for (const to of places.slice(0, 3)) expect(existsSync(to), to).toBe(false)
  },
)
