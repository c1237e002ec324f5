import 'server-only'
import { mkdirSync } from 'node:fs'
import {
  findGeneratedPassword,
  FIRST_ADMIN,
  makeFirstAdmin,
  refuseGeneratedPasswordBeyondLoopback,
} from '@/server/auth/first-admin'
import { settingsAlone } from '@/server/config'
import { inFolderOf } from '@/server/config-error'
import { guardHome } from '@/server/home-guard'
import { requireSharedName } from '@/server/shared-name'
import { acceptWarehouse, guardStart } from '@/server/start-guard'
import { requireFreePort } from './free-port'
import { readArguments, type Verb } from './verb'

export const initVerb: Verb = {
  summary: 'sets a home up: folders, database, first admin',
  help: `Use: lakeshore init [--require-port] [--accept-warehouse]

Checks the settings, makes the home's folders and database where they are missing, and user admin where
nobody can sign in yet. Says as one line of JSON where the console will be, and in how many web processes; "generatedPassword" is there
only when it was made just now, and is not shown again. "hasGeneratedPassword" names the user whose
generated password nobody has changed yet. Says on standard error what other users of this machine may
read. With --require-port nothing is made when the console could not listen on its port. Where the database is
new and the warehouse has tables, or the database has tables and the warehouse is empty, nothing is made unless
--accept-warehouse says that this is meant.`,
  async run(args, terminal, openServices) {
    const { values } = readArguments(args, {
      'require-port': { type: 'boolean', default: false },
      'accept-warehouse': { type: 'boolean', default: false },
    })
    if (values['require-port']) {
      await requireFreePort(settingsAlone())
    }
    const services = openServices()
    const { host, port, webProcesses, publicUrl, homeDir, warehouse, storage } = services.config
    await (values['accept-warehouse'] ? acceptWarehouse(services) : guardStart(services))
    if (storage.kind === 'local') {
      const folder = services.stores.localPath(warehouse)
      inFolderOf('LAKESHORE_WAREHOUSE', folder, () => mkdirSync(folder, { recursive: true }))
    }
    await requireSharedName(services)
    await refuseGeneratedPasswordBeyondLoopback(services)
    const generatedPassword = await makeFirstAdmin(services)
    const hasGeneratedPassword = await findGeneratedPassword(services.database)
    const password = { generatedPassword, hasGeneratedPassword }
    terminal.out(JSON.stringify({ host, port, webProcesses, publicUrl, homeDir, username: FIRST_ADMIN, ...password }))
    for (const finding of guardHome(services.config)) terminal.say(finding)
    return 0
  },
}
