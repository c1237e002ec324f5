import 'server-only'
import { mkdirSync } from 'node:fs'
import { FIRST_ADMIN, makeFirstAdmin, refuseGeneratedPasswordBeyondLoopback } from '@/server/auth/first-admin'
import { config } from '@/server/config'
import { localPath } from '@/server/storage/open-store'
import { readArguments, type Verb } from './verb'

export const initVerb: Verb = {
  summary: 'sets a home up: folders, database, first admin',
  help: `Use: lakeshore init

Checks the settings, makes the home's folders and database where they are missing, and user admin where
nobody can sign in yet. Says as one line of JSON where the console will be; "generatedPassword" is there
only when it was made just now, and is not shown again.`,
  async run(args, terminal) {
    readArguments(args, {})
    const { host, port, publicUrl, homeDir, warehouse, storage } = config()
    if (storage.kind === 'local') mkdirSync(localPath(warehouse), { recursive: true })
    await refuseGeneratedPasswordBeyondLoopback()
    const generatedPassword = await makeFirstAdmin()
    terminal.out(JSON.stringify({ host, port, publicUrl, homeDir, username: FIRST_ADMIN, generatedPassword }))
    return 0
  },
}
