import 'server-only'
import {
  findGeneratedPassword,
  FIRST_ADMIN,
  createFirstAdmin,
  refuseGeneratedPasswordOnNetwork,
} from '@/server/auth/sign-in/first-admin'
import { readEarlySettings } from '@/server/config/config'
import { AppError } from '@/lib/errors'
import { explainFolderErrors } from '@/server/config/config-error'
import { describeOtherHome } from '@/server/config/home-location'
import { createFolder } from '@/server/create-folder'
import { secureHome } from '@/server/config/secure-home'
import { acceptSharedSecrets, acceptSharedWarehouse, requireSharedSettings } from '@/server/startup/shared-settings'
import type { Services } from '@/server/services'
import { acceptWarehouse, requireMatchingWarehouse } from '@/server/startup/matching-warehouse'
import { waitForDatabase } from '@/server/startup/wait-for-database'
import { requireFreePort } from './free-port'
import { readArguments, type Terminal, type Verb } from './verb'

/** Long enough for a machine that has just booted to start its database. */
const MAX_WAIT_MS = 5 * 60_000

export const initVerb: Verb = {
  summary: 'sets up a home: folders, database, first admin',
  help: `Use: lakeshore init [--require-port] [--accept-warehouse] [--accept-secrets] [--wait-for-database]

Checks the settings, creates the home's folders and database if they are missing, and the user admin if no user can
sign in yet. Prints one line of JSON that says where the console will be, and in how many web processes.
"generatedPassword" is present only when it was created by this run, and is not shown again. "hasGeneratedPassword"
names the user whose generated password has not been changed yet. Warns on standard error about files that other users
of this machine may read. With --require-port nothing is created when the console cannot listen on its port. When the
database is new and the warehouse has tables, or the database has tables and the warehouse is empty, nothing is created
unless --accept-warehouse confirms it. Processes on one PostgreSQL database need the same secrets and the same
warehouse, and the first start settles them. To rotate the secrets or to move the warehouse, stop every process, change
the settings on every machine, and run this once with --accept-secrets or --accept-warehouse. If the PostgreSQL server
cannot be reached, the command waits for five minutes, or indefinitely with --wait-for-database.`,
  async run(args, terminal, { openUncheckedServices }) {
    const { values } = readArguments(args, {
      'require-port': { type: 'boolean', default: false },
      'accept-warehouse': { type: 'boolean', default: false },
      'accept-secrets': { type: 'boolean', default: false },
      'wait-for-database': { type: 'boolean', default: false },
    })
    if (values['require-port']) {
      await requireFreePort(readEarlySettings())
    }
    const services = openUncheckedServices()
    const { host, port, webProcesses, publicUrl, homeDir, warehouse, storage } = services.config
    await requireDatabase(services, terminal, values['wait-for-database'] ? Number.POSITIVE_INFINITY : MAX_WAIT_MS)
    await (values['accept-warehouse'] ? acceptWarehouse(services) : requireMatchingWarehouse(services))
    const accepted = [
      ...(values['accept-secrets'] ? await acceptSharedSecrets(services) : []),
      ...(values['accept-warehouse'] ? await acceptSharedWarehouse(services) : []),
    ]
    if (accepted.length > 0)
      terminal.printMessage(`${accepted.join(', ')}: every process needs the values that are set here from now on.`)
    await requireSharedSettings(services)
    if (storage.kind === 'local') {
      const folder = services.stores.localPath(warehouse)
      explainFolderErrors('LAKESHORE_WAREHOUSE', folder, () => createFolder(folder))
    }
    await refuseGeneratedPasswordOnNetwork(services)
    const generatedPassword = await createFirstAdmin(services)
    const hasGeneratedPassword = await findGeneratedPassword(services.database)
    const password = { generatedPassword, hasGeneratedPassword }
    terminal.print(JSON.stringify({ host, port, webProcesses, publicUrl, homeDir, username: FIRST_ADMIN, ...password }))
    for (const finding of secureHome(services.config)) terminal.printMessage(finding)
    const otherHome = describeOtherHome(services.config)
    if (otherHome !== null) terminal.printMessage(otherHome)
    return 0
  },
}

/** @throws {AppError} cancelled when the wait was stopped; database-unavailable */
async function requireDatabase(
  services: Services,
  { signal, printMessage }: Terminal,
  maxWaitMs: number,
): Promise<void> {
  const listener = {
    onBegin: (sentence: string) => printMessage(sentence),
    onEnd: (sentence: string) => printMessage(sentence),
  }
  if (await waitForDatabase(services, { listener, signal, maxWaitMs })) return
  throw new AppError('cancelled', 'The wait for the database was stopped. Nothing was changed.')
}
