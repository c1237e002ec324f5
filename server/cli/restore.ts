import 'server-only'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { restoreHome } from '@/server/backup/restore-home'
import { readEarlySettings } from '@/server/config/config'
import { readArguments, UsageError, type Verb } from './verb'

export const restoreVerb: Verb = {
  summary: 'makes a new home of a backup',
  help: `Use: lakeshore restore --from <backup> [--home <new folder>]

Checks every file of the backup by its digest and makes a home of it, in --home or where LAKESHORE_HOME says. A
folder that is a home already is refused. Says where the warehouse has to be before Lakeshore is started: tables
keep the locations by which they name their files, also in another home.`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { from: { type: 'string' }, home: { type: 'string' } })
    if (positionals[0] !== undefined) throw new UsageError(`"${positionals[0]}" is one word too many`)
    if (values.from === undefined) throw new UsageError('--from is missing')
    const from = path.resolve(values.from)
    const homeDir = values.home === undefined ? readEarlySettings().homeDir : path.resolve(values.home)
    const { takenAt, warehouse } = await restoreHome(from, homeDir)
    terminal.out(homeDir)
    terminal.say(`The home ${homeDir} is as it was backed up at ${takenAt}.`)
    terminal.say(warehouse.isInHome ? ownWarehouseText(from, homeDir) : otherWarehouseText(warehouse.location))
    return 0
  },
}

function ownWarehouseText(from: string, homeDir: string): string {
  const folder = path.join(homeDir, 'warehouse')
  if (existsSync(folder) && readdirSync(folder).length > 0)
    return `Its warehouse is ${folder}, which is there. Start Lakeshore with LAKESHORE_HOME=${homeDir}.`
  return [
    `Its warehouse has to be ${folder}, as it was copied after the database, for example:`,
    `  tar -C ${homeDir} -xf ${path.join(from, 'warehouse.tar')}`,
    `Then start Lakeshore with LAKESHORE_HOME=${homeDir}.`,
  ].join('\n')
}

function otherWarehouseText(location: string): string {
  return `Its warehouse has to be at ${location}: tables name their files there. Start Lakeshore with LAKESHORE_WAREHOUSE=${location}.`
}
