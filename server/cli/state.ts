import 'server-only'
import path from 'node:path'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { ConfigError, readEarlySettings } from '@/server/config/config'
import { type CopyOutcome, type CopyProgress, copyState } from '@/server/db/copy/copy-state'
import { openPostgresEndpoint } from '@/server/db/copy/postgres-endpoint'
import { openSqliteSource, openSqliteTarget } from '@/server/db/copy/sqlite-endpoint'
import type { CopyEndpoint, CopyTarget } from '@/server/db/copy/copy-endpoint'
import { progressBar, createProgressLine } from './terminal/progress-line'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

export const stateVerb: Verb = {
  summary: 'copies the state between SQLite and PostgreSQL: copy',
  help: `Use: lakeshore state copy --to <address>
     lakeshore state copy --from <address>

--to copies the database of the home (lakeshore.db) into an empty PostgreSQL database, --from copies back into a
new lakeshore.db. The address is postgres://user:password@host:port/database, or - to read it from standard
input, where other users of this machine cannot see it. LAKESHORE_DATABASE_SCHEMA names the schema.

Stop Lakeshore first: a database that is in use is refused. Values that PostgreSQL cannot store are listed before
anything is copied. A copy that was stopped or killed resumes where it stopped when it is started again. At the end all
rows of both databases are compared. The source is not changed.`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { to: { type: 'string' }, from: { type: 'string' } })
    const [action, extra] = positionals
    if (action !== 'copy')
      throw new UsageError(action === undefined ? 'no action given: use copy' : `unknown action "${action}": use copy`)
    if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
    if ((values.to === undefined) === (values.from === undefined)) throw new UsageError('give --to or --from')
    const url = await readAddress(values.to ?? values.from ?? '', terminal)
    const { homeDir, databaseSchema: schema } = readEarlySettings()
    const file = path.join(homeDir, 'lakeshore.db')
    if (values.to === undefined) {
      return withEndpoint(await openPostgresEndpoint({ url, schema }), (source) =>
        withEndpoint(openSqliteTarget(file), (target) => copy(source, target, terminal)),
      )
    }
    return withEndpoint(openSqliteSource(file), async (source) =>
      withEndpoint(await openPostgresEndpoint({ url, schema }), (target) => copy(source, target, terminal)),
    )
  },
}

async function copy(source: CopyEndpoint, target: CopyTarget, terminal: Terminal): Promise<number> {
  terminal.printMessage(`Copies ${source.name} into ${target.name}.`)
  const line = createProgressLine()
  try {
    const outcome = await copyState(source, target, {
      signal: terminal.signal,
      onProgress: (progress) => line.show(progressText(progress)),
    })
    line.end()
    return reportOutcome(outcome, { source, target, terminal })
  } finally {
    line.end()
  }
}

function reportOutcome(
  outcome: CopyOutcome,
  { source, target, terminal }: { source: CopyEndpoint; target: CopyTarget; terminal: Terminal },
): number {
  if (outcome.kind === 'unholdable') {
    const { values, count } = outcome
    terminal.printMessage(
      `PostgreSQL cannot store ${formatQuantity(count, 'value')} of ${source.name}. Nothing was copied. Change these first:`,
    )
    for (const { table, key, column, reason } of values)
      terminal.printMessage(`  ${table} (${key}): ${column} ${reason}`)
    if (count > values.length) terminal.printMessage(`  … and ${formatCount(count - values.length)} more, not listed`)
    return 1
  }
  for (const { table, rowCount, sha256 } of outcome.tables) terminal.print(`${table}\t${rowCount}\t${sha256}`)
  terminal.printMessage(`All ${outcome.tables.length} tables are identical in both databases, row by row.`)
  terminal.printMessage(nextStepText(source, target))
  return 0
}

function nextStepText(source: CopyEndpoint, target: CopyTarget): string {
  if (target.kind === 'sqlite') {
    return `Next: remove LAKESHORE_DATABASE_URL from the settings and start Lakeshore, which then uses ${target.name}.`
  }
  return [
    'Next: set LAKESHORE_DATABASE_URL to this address, move the file away so that no process uses it by mistake',
    `(mv ${source.name} ${source.name}.copied), and start Lakeshore.`,
  ].join('\n')
}

const STEP_VERBS: Record<CopyProgress['step'], string> = { read: 'reads', copy: 'copies', compare: 'compares' }

function progressText({ step, table, rows, totalRows }: CopyProgress): string {
  const bar = totalRows === null || totalRows === 0 ? '' : `${progressBar(rows / totalRows)}  `
  return `${bar}${STEP_VERBS[step]} ${table}: ${formatCount(rows)}${totalRows === null ? '' : ` of ${formatCount(totalRows)}`} rows`
}

async function readAddress(text: string, terminal: Terminal): Promise<string> {
  const url = text === '-' ? ((await terminal.prompt('Address of PostgreSQL: ', { isHidden: true })) ?? '') : text
  if (/^postgres(ql)?:\/\/[^/]/.test(url) && URL.canParse(url)) return url
  throw new ConfigError(
    'The address of PostgreSQL is postgres://user:password@host:port/database. Nothing was changed.',
  )
}

async function withEndpoint<Side extends CopyEndpoint, Result>(
  endpoint: Side,
  work: (endpoint: Side) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(endpoint)
  } finally {
    await endpoint.close()
  }
}
