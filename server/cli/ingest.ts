import 'server-only'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { doneShare, phaseLabel } from '@/lib/contract/run-kinds'
import { AppError } from '@/lib/errors'
import { proposalText } from '@/lib/contract/proposals'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { loadFile } from '@/server/changes/actions/load-file'
import { propose } from '@/server/changes/proposals/proposals'
import { newAuditId } from '@/server/db/audit'
import { digestInput } from '@/server/ingest/input/input-digest'
import type { Run } from '@/server/db/jobs/runs'
import { type IngestOutcome, parseIngestOutcome } from '@/server/ingest/run/ingest-outcome'
import { type IngestSpec, toFileLocation, parsePartitionSpec, parseSchema } from '@/server/ingest/run/ingest-spec'
import { INPUT_FORMATS, type InputFormat } from '@/lib/contract/shapes/input-formats'
import { followRun, withWorker } from '@/server/jobs/follow-run'
import type { Services } from '@/server/services'
import { runKinds } from '@/server/worker/run-kinds'
import { parseTable } from './table-name'
import { progressBar, createProgressLine } from './progress-line'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

export const ingestVerb: Verb = {
  summary: 'loads a CSV, NDJSON or Parquet file into a table',
  help: `Use: lakeshore ingest --table <namespace.table> --file <path or location>
       [--format csv|ndjson|parquet]      default: from the file extension
       [--create-schema <schema.json>]    creates the table from plain Iceberg schema JSON
       [--partition-by 'month(ts), bucket(16, id)']   of the new table
       [--property name=value]            of the new table, such as format-version=3; may be repeated
       [--allow-rejects [<max>]]          skips rows that do not fit, instead of failing
       [--ignore-extra]                   skips columns that the table does not have
       [--propose <title> [--note <text>]]   loads nothing, and stores the load for another user to commit
       [--catalog <name>]

A value is accepted only when the type of its column holds it exactly. Rows that do not fit are listed with line,
column, value and reason. In CSV an empty field is null and "" is the empty string. Fields are separated by commas, or
by semicolons, tabs or bars if the header then matches the table's columns. The whole file becomes one snapshot, or
nothing is changed. Ctrl-C cancels. The worker copies a file from the store of the warehouse, such as
s3://bucket/prefix/file.csv; when workers run on other machines, the file has to be in that store.
lakeshore jobs rejects <run> prints the rejected rows.
With --propose the load is stored on the server with the size and the SHA-256 of the file, as namespaces with a policy
demand. The file has to stay where it is: once another user commits the proposal, a run loads it, unless the file has
changed. A load that creates its table needs no second user.`,
  async run(args, terminal, { openServices }) {
    const { values, positionals } = readArguments(withOptionalValue(args), {
      table: { type: 'string' },
      file: { type: 'string' },
      format: { type: 'string' },
      catalog: { type: 'string' },
      'create-schema': { type: 'string' },
      'partition-by': { type: 'string' },
      property: { type: 'string', multiple: true, default: [] },
      'allow-rejects': { type: 'string' },
      'ignore-extra': { type: 'boolean', default: false },
      propose: { type: 'string' },
      note: { type: 'string' },
    })
    if (positionals.length > 0) throw new UsageError(`unexpected argument "${positionals[0]}"`)
    const { propose: title, note } = values
    if (note !== undefined && title === undefined) throw new UsageError('--note belongs to --propose')
    if (title !== undefined && values['create-schema'] !== undefined)
      throw new UsageError('--propose is for a table that exists: leave it out with --create-schema')
    const services = await openServices()
    const table = parseTable(requireValue(values.table, '--table'), values.catalog ?? services.config.catalogName)
    const input = resolveInput(services, requireValue(values.file, '--file'))
    const spec: IngestSpec = {
      input,
      format: resolveFormat(values.format, input),
      ignoreExtra: values['ignore-extra'],
      maxRejectedRows: parseMaxRejects(values['allow-rejects']),
      create: await readNewTable(values['create-schema'], values['partition-by'], values.property),
    }
    if (title !== undefined) return proposeLoad(services, table, spec, { title, note, terminal })
    const { run: queued } = await loadFile(services, table, spec, {
      actor: actorFor(COMMAND_LINE),
      signal: terminal.signal,
      requestId: null,
      idempotencyKey: newAuditId(),
    })
    const startedAt = performance.now()
    const run = await withWorker(services, runKinds(services), async () => {
      const line = createProgressLine()
      try {
        return await followRun(services.database, queued.id, {
          signal: terminal.signal,
          onProgress: (current) => line.show(progressText(current, performance.now() - startedAt)),
        })
      } finally {
        line.end()
      }
    })
    const outcome = requireOutcome(run)
    if (run.isCancelRequested) terminal.printMessage('The cancel came too late: the file is loaded.')
    for (const text of summaryLines(outcome, performance.now() - startedAt)) terminal.printMessage(text)
    terminal.print(JSON.stringify({ runId: run.id, ...outcome }))
    return 0
  },
}

/** Keeps the load for another user to commit, with what tells its file from any other. */
async function proposeLoad(
  services: Services,
  table: TableIdentifier,
  { input, format, ignoreExtra, maxRejectedRows }: IngestSpec,
  { title, note = '', terminal }: { title: string; note: string | undefined; terminal: Terminal },
): Promise<number> {
  const text = proposalText.safeParse({ title, note })
  if (!text.success) throw new UsageError('--propose is one line of 1 to 200 characters, and --note has up to 5000')
  const { signal } = terminal
  const digest = await digestInput(services.stores, input, signal)
  const { proposalId } = await propose(
    services,
    { kind: 'table', identifier: table },
    { action: { kind: 'load', input, format, ignoreExtra, maxRejectedRows, ...digest }, ...text.data },
    { actor: actorFor(COMMAND_LINE), signal, requestId: null },
  )
  terminal.printMessage(
    `The load of ${path.basename(input)}, ${formatBytes(digest.sizeBytes)}, is proposed (${proposalId}). Nothing was loaded.`,
  )
  return 0
}

/** `--allow-rejects` takes an optional number, which parseArgs cannot express. */
function withOptionalValue(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const isAlone = arg === '--allow-rejects' && !/^\d+$/.test(args[i + 1] ?? '')
    return isAlone ? `${arg}=${Number.MAX_SAFE_INTEGER}` : arg
  })
}

function requireValue(value: string | undefined, name: string): string {
  if (value === undefined) throw new UsageError(`${name} is missing`)
  return value
}

const LOCATION_PATTERN = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * Accepts a path on this machine, `file:///…` or a location in the store of the warehouse.
 *
 * @throws {AppError} invalid-request for a file that workers on other machines cannot see; location-refused
 */
function resolveInput(services: Pick<Services, 'config' | 'stores'>, text: string): string {
  const { warehouse, catalogName, hasSharedFiles } = services.config
  const isLocal = !LOCATION_PATTERN.test(text) || text.startsWith('file:///')
  if (!isLocal) {
    services.stores.catalogStore(catalogName).checkLocation(text)
    return text
  }
  const file = path.resolve(text.replace(/^file:\/\//, ''))
  if (hasSharedFiles) return toFileLocation(file)
  throw new AppError(
    'invalid-request',
    `${file} is a file on this machine, and the worker may run on another. Nothing was queued. Put the file into the ` +
      `warehouse and give its location, such as --file ${warehouse}/inbox/${path.basename(file)}, or set ` +
      'LAKESHORE_SHARED_FILES=true if every machine sees it at this path.',
  )
}

const FORMATS_BY_EXTENSION: Readonly<Record<string, InputFormat>> = {
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
}

function resolveFormat(text: string | undefined, file: string): InputFormat {
  if (text === undefined) {
    const format = FORMATS_BY_EXTENSION[path.extname(file).toLowerCase()]
    if (format) return format
    throw new UsageError(`the format of ${path.basename(file)} is not clear from its name: give --format`)
  }
  const format = INPUT_FORMATS.find((one) => one === text)
  if (!format) throw new UsageError(`--format is one of ${INPUT_FORMATS.join(', ')}, not "${text}"`)
  return format
}

function parseMaxRejects(text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d{1,16}$/.test(text)) throw new UsageError(`--allow-rejects takes a whole number, not "${text}"`)
  return Number(text)
}

async function readNewTable(
  schemaFile: string | undefined,
  partitionBy: string | undefined,
  properties: readonly string[],
): Promise<IngestSpec['create']> {
  if (schemaFile === undefined) {
    if (partitionBy !== undefined || properties.length > 0) {
      throw new UsageError('--partition-by and --property apply to a new table: use them with --create-schema')
    }
    return null
  }
  const schema = await readSchemaFile(schemaFile)
  // Report mistakes here, before the worker gets the run.
  parsePartitionSpec(partitionBy ?? null, parseSchema(schema))
  return { schema, partitionBy: partitionBy ?? null, properties: Object.fromEntries(properties.map(parseProperty)) }
}

async function readSchemaFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    const detail = isMissing ? `There is no schema file ${file}.` : `The schema file ${file} cannot be read.`
    throw new AppError('file-damaged', detail, { cause })
  }
}

function parseProperty(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`"${text}" is not a property such as comment=Flights`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function progressText({ kind, state, progress, error }: Run, elapsedMs: number): string {
  if (error !== null) return `${error.detail} Waiting to retry …`
  if (state === 'queued' || progress === null) return `${state} …`
  const { done, total, counters } = progress
  const { rowsRead = 0, filesWritten = 0 } = counters
  const rowsPerSecond = Math.round(rowsRead / Math.max(elapsedMs / 1000, 0.001))
  return [
    progressBar(doneShare(progress) ?? 0),
    total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`,
    phaseLabel(kind, progress),
    ...(rowsRead > 0 ? [`${formatQuantity(rowsRead, 'row')} (${formatCount(rowsPerSecond)}/s)`] : []),
    ...(filesWritten > 0 ? [formatQuantity(filesWritten, 'file')] : []),
  ].join('  ')
}

function requireOutcome(run: Run): IngestOutcome {
  if (run.outcome !== null) return parseIngestOutcome(run.outcome)
  if (run.error === null) throw new Error(`run ${run.id} ended without an outcome`)
  throw new AppError(run.error.code, run.error.detail, { facts: { ...run.error.facts } })
}

function summaryLines(
  { rowsCommitted, rowsRejected, rejectsFile, fileCount, storedBytes, snapshotId }: IngestOutcome,
  elapsedMs: number,
): string[] {
  const elapsedText = formatDuration(elapsedMs)
  const done =
    snapshotId === null
      ? `The input has no rows, so no snapshot was created (${elapsedText}).`
      : `${formatQuantity(rowsCommitted, 'row')} in ${formatQuantity(fileCount, 'file')}, ${formatBytes(storedBytes)}, as snapshot ${snapshotId} in ${elapsedText}.`
  return rejectsFile === null ? [done] : [done, `${formatQuantity(rowsRejected, 'row')} rejected: see ${rejectsFile}`]
}
