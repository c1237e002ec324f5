import 'server-only'
import path from 'node:path'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { backUpHome } from '@/server/backup/back-up-home'
import { ConfigError, readEarlySettings } from '@/server/config/config'
import { readArguments, UsageError, type Verb } from './verb'

export const backupVerb: Verb = {
  summary: 'copies the database and the secrets while Lakeshore runs',
  help: `Use: lakeshore backup --to <new folder>

Copies a consistent snapshot of the database, the keys in secrets/ and the catalog's name into a new folder, with a
manifest in backup.json. Lakeshore may keep running and take writes. The files of the tables are not copied: copy the
warehouse afterwards, in this order. lakeshore restore creates a home from the folder.`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { to: { type: 'string' } })
    if (positionals[0] !== undefined) throw new UsageError(`unexpected argument "${positionals[0]}"`)
    if (values.to === undefined) throw new UsageError('--to is missing')
    const { homeDir, warehouse, hasPostgres, databaseSchema } = readEarlySettings()
    if (hasPostgres) throw new ConfigError(postgresText(homeDir, databaseSchema))
    const folder = path.resolve(values.to)
    const manifest = await backUpHome(homeDir, folder, { warehouse })
    const sizeBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0)
    const tables = manifest.rowCounts.iceberg_tables ?? 0
    terminal.print(folder)
    terminal.printMessage(
      `Backed up ${formatQuantity(tables, 'table or view', 'tables and views')} and ${formatQuantity(manifest.rowCounts.audit ?? 0, 'entry', 'entries')} of the audit, ${formatBytes(sizeBytes)}.`,
    )
    terminal.printMessage(warehouseText(homeDir, folder, manifest.warehouse))
    return 0
  },
}

function warehouseText(
  homeDir: string,
  folder: string,
  { location, isInHome }: { location: string; isInHome: boolean },
): string {
  const why =
    'Copy the warehouse after the database, never before: a commit adds files first and then names them in the database, so a later copy of the files has every file that this database names.'
  if (!isInHome) return `Now copy the warehouse ${location}. ${why}`
  const tar = `tar -C ${homeDir} --exclude='.*.tmp' -cf ${path.join(folder, 'warehouse.tar')} warehouse`
  const codes = 'If a folder gets another file while tar runs, tar reports it and exits with code 1. That is expected.'
  return `Now copy the warehouse ${path.join(homeDir, 'warehouse')}, for example:\n  ${tar}\n${codes}\n${why}`
}

function postgresText(homeDir: string, schema: string): string {
  return [
    'The state of this home is in PostgreSQL, which pg_dump backs up. Nothing was backed up. The order is the same:',
    'the database first, then the files of the home, the warehouse last:',
    `  pg_dump --format=custom --schema=${schema} --file=<folder>/lakeshore.dump --dbname="$LAKESHORE_DATABASE_URL"`,
    `  cp -a ${path.join(homeDir, 'catalog-name')} ${path.join(homeDir, 'home.json')} ${path.join(homeDir, 'secrets')} <folder>`,
    'pg_restore creates a new database from it. The steps are in docs/operations.md, Backup and restore.',
  ].join('\n')
}
