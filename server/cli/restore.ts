import 'server-only'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { restoreHome } from '@/server/backup/restore-home'
import { readEarlySettings } from '@/server/config/config'
import { readArguments, UsageError, type Verb } from './verb'

export const restoreVerb: Verb = {
  summary: 'creates a new home from a backup',
  help: `Use: lakeshore restore --from <backup> [--home <new folder>]

Checks every file of the backup against its digest and creates a home from it, in --home or in LAKESHORE_HOME.
A folder that is already a home is refused. Prints where the warehouse has to be before Lakeshore starts: tables
keep the locations of their files, even when the home moves.`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { from: { type: 'string' }, home: { type: 'string' } })
    if (positionals[0] !== undefined) throw new UsageError(`unexpected argument "${positionals[0]}"`)
    if (values.from === undefined) throw new UsageError('--from is missing')
    const from = path.resolve(values.from)
    const homeDir = values.home === undefined ? readEarlySettings().homeDir : path.resolve(values.home)
    const { takenAt, warehouse } = await restoreHome(from, homeDir)
    terminal.print(homeDir)
    terminal.printMessage(`The home ${homeDir} is restored to its state at ${takenAt}.`)
    terminal.printMessage(warehouse.isInHome ? ownWarehouseText(from, homeDir) : otherWarehouseText(warehouse.location))
    return 0
  },
}

function ownWarehouseText(from: string, homeDir: string): string {
  const folder = path.join(homeDir, 'warehouse')
  if (existsSync(folder) && readdirSync(folder).length > 0)
    return `Its warehouse is in ${folder}. Start Lakeshore with LAKESHORE_HOME=${homeDir}.`
  return [
    `Put the copy of the warehouse that was made after the database into ${folder}, for example:`,
    `  tar -C ${homeDir} -xf ${path.join(from, 'warehouse.tar')}`,
    `Then start Lakeshore with LAKESHORE_HOME=${homeDir}.`,
  ].join('\n')
}

function otherWarehouseText(location: string): string {
  return `Its warehouse has to be at ${location}: the tables name their files by this location. Start Lakeshore with LAKESHORE_WAREHOUSE=${location}.`
}
