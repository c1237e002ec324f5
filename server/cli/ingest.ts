import 'server-only'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { Schema } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { APPEND_TO_MAIN, LOAD_OPERATIONS, type LoadLanding } from '@/lib/ingest/load-landing'
import type { LaterPart } from '@/server/ingest/stage-request'
import type { LoadMapping } from '@/lib/ingest/load-mapping'
import { hasUsualNumbers } from '@/lib/ingest/number-format'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { loadFiles } from '@/server/changes/actions/loads/load-file'
import { newAuditId } from '@/server/db/audit'
import type { IngestSpec } from '@/server/ingest/run/ingest-spec'
import type { ExpectedNames } from '@/server/ingest/csv/csv-header'
import { findLoadQuestions } from '@/server/ingest/preview/load-questions'
import { resolveTarget } from '@/server/ingest/run/ingest-target'
import { requireCorrectedLoad } from '@/server/ingest/run/past-load'
import { followRun, withWorker } from '@/server/jobs/follow-run'
import { clock } from '@/server/timing/clock'
import type { Run } from '@/server/db/jobs/runs'
import { runKinds } from '@/server/worker/run-kinds'
import type { Services } from '@/server/services'
import { answeredKinds, requireAnswers } from './load/csv-answers'
import { CSV_FLAGS, parseCsvFlags } from './load/csv-arguments'
import { declareTable } from './load/declare-table'
import { INPUT_FLAGS, readTargets } from './load/given-inputs'
import { chooseCommitEvery } from './load/pipe/commit-every'
import { loadParts } from './load/pipe/load-parts'
import { expectNames } from './load/pipe/piped-header'
import { type CommandLineInput, findInputs, type FoundInput, foundName } from './load/input-files'
import { hasTabs, resolveFormat } from './load/input-format'
import { requireNoPipe, storePipe } from './load/pipe/piped-input'
import { progressText, requireOutcome, summaryLines } from './load/load-report'
import { MAPPING_FLAGS, readMapping } from './load/mapping-arguments'
import { nameInputs, openNamedInput } from './load/named-inputs'
import { type DeclaredTable, NEW_TABLE_FLAGS, readNewTable } from './load/new-table-arguments'
import { previewFiles } from './load/preview-files'
import { parseProposal, proposeLoad } from './load/propose-load'
import { parseRejectLimit } from './load/reject-arguments'
import { createProgressLine } from './terminal/progress-line'
import { parseTable } from './table-name'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

const FLAGS = {
  ...CSV_FLAGS,
  ...MAPPING_FLAGS,
  ...NEW_TABLE_FLAGS,
  ...INPUT_FLAGS,
  format: { type: 'string' },
  catalog: { type: 'string' },
  'allow-rejects': { type: 'string' },
  'reject-share': { type: 'string' },
  'ignore-extra': { type: 'boolean', default: false },
  'allow-null-columns': { type: 'boolean', default: false },
  'allow-ambiguous-numbers': { type: 'boolean', default: false },
  'load-again': { type: 'boolean', default: false },
  operation: { type: 'string' },
  branch: { type: 'string' },
  where: { type: 'string' },
  corrects: { type: 'string' },
  preview: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  propose: { type: 'string' },
  note: { type: 'string' },
  'commit-every': { type: 'string' },
} as const

type LoadValues = ReturnType<typeof readArguments<typeof FLAGS>>['values']

export const ingestVerb: Verb = {
  summary: 'loads CSV, NDJSON, JSON, Parquet, Avro or Arrow files into a table',
  help: `Use: lakeshore ingest <namespace.table> <file or folder> … [options]
     … | lakeshore ingest <namespace.table> - --format <name> [options]
     lakeshore ingest <namespace.table> --location <name> --path <path> … | --match <pattern> … [options]
     lakeshore ingest --table <namespace.table> --file <file or folder> … [options]

All files together become one snapshot, or nothing is changed. They are read in the order in which they are given. A
folder stands for all files below it, without those whose names begin with a dot or an underscore. A location in the
store of the warehouse, such as s3://bucket/inbox/may.csv, is a file; s3://bucket/inbox/ is a folder. https://… is a
file of a host that the operator allows in LAKESHORE_LOAD_HOSTS. - is standard input: what comes through a pipe is stored
first, and needs --format. Rows of CSV or JSON lines that come for longer than five minutes become one snapshot after the
other.

Files
  --location <name> --path <path>    a file of a load location; --match <pattern> stands for all files of it that match
                                     when the run starts, such as '2026-*/**.csv'. Both may be repeated, and belong to
                                     the location before them. lakeshore locations lists the locations
  --format <name>                    csv, tsv, ndjson, json, parquet, avro or arrow; default: from the file names; text
                                     may be compressed by gzip or zstd
  --commit-every 30s|5m|1h|end       CSV or JSON lines of a pipe become a snapshot that often; default: 5m. With end, or
                                     if they are compressed, they become one when the pipe has ended
  --catalog <name>                   of the table; default: the catalog of this home
  --preview [--json]                 loads nothing: prints the first rows as the load would store them, the first
                                     rejects, and what would stop the load; ends with 1 if it would stop

CSV
  --delimiter <character>            \\t for a tab; default: a comma, or ; tab | if the header then has the columns
  --quote <character> | --no-quote   default: "
  --skip-lines <count>               lines before the header that are left out
  --no-header                        the fields are called column1, column2 …
  --encoding <name>                  utf-8, utf-16le, utf-16be, windows-1252, windows-1250 or iso-8859-2
  --null-text <text>                 a field with this text, not in quotes, is null; an empty one is in any case
  --date-format, --timestamp-format  such as %d.%m.%Y and '%d.%m.%Y %H:%M'; default: ISO 8601
  --assume-utc                       times without an offset are UTC
  --decimal-separator , --group-separator .   for numbers such as 1.234,56

Columns; each takes the field of its name, unless an option says otherwise
  --map 'column=field'               takes another field
  --set 'column=text'                has the same text in every row
  --sql 'column=expression'          has the result of a DuckDB expression over the fields
  --fact column=file-name|line|loaded-at
  --path-value 'column=folder'       has the value of a folder in the path of the file, such as day=2026-05-01
  --rest <column>                    takes all fields that fill no other column, in a map or as JSON
  --ignore <field>                   leaves the field out; --ignore-extra leaves out every field without a column
  --allow-null-columns               columns that have values in the table may be null in every row, because no file has
                                     a field for them; without it the load stops
  --allow-ambiguous-numbers          7.500 is 7.5, although other values have decimals after a comma, and points could
                                     stand between thousands; without it such a load stops
  --mapping <file.json>              the same as the field "mapping" of the API; the options above add to it

Rows
  --allow-rejects [<max>]            skips rows that do not fit, up to a number, instead of failing
  --reject-share <percent>           skips them up to a share of all rows, compared at the end; together with
                                     --allow-rejects <max>, both limits apply
  --operation append|replace-partitions|replace-where|replace-table|upsert   default: append
  --where <filter>                   the rows that replace-where replaces, as in the Data tab: 'day >= "2026-05-01"'
  --branch <name>                    default: main; a new branch begins at the tip of main
  --load-again                       appends bytes that were loaded into the table in the last 30 days, or that are twice
                                     among the files; without it such a load stops
  --corrects <run>                   the run whose rejected rows the files have, corrected

A new table
  --create                           creates the table with the columns of the first file, and prints them; those of CSV
                                     and JSON are guessed from its first rows
  --create-schema <schema.json>      creates the table from plain Iceberg schema JSON
  --partition-by 'month(ts), bucket(16, id)'
  --property name=value              such as format-version=3; may be repeated

Two people
  --propose <title> [--note <text>]  loads nothing, and stores the load for another user to commit

--map, --set, --sql, --fact, --path-value, --ignore and --file may be repeated. A value is accepted only when the type of its column
holds it exactly. Rows that do not fit are listed with line, column, value and reason: lakeshore jobs rejects <run>
prints them. Ctrl-C cancels. The worker copies a file from the store of the warehouse; when workers run on other
machines, files have to be there.
--operation replace-partitions removes the rows of exactly the partitions that the files have rows of, replace-where the
rows that match --where, which every row of the files has to match, too, replace-table all rows, and upsert the rows
with the same values in the identifier fields; the last row of a key in the files is used.
With --propose the load is stored on the server with the size and the SHA-256 of each file, as namespaces with a policy
demand; a pattern stands for the files that match now. The files have to stay where they are: once another user commits
the proposal, a run loads them, unless one of them has changed. A load that creates its table needs no second user.`,
  async run(args, terminal, { openServices }) {
    const { values, tokens } = readArguments(withOptionalValue(args), FLAGS)
    const { table: tableText, inputs: given } = readTargets(tokens, values.table)
    const limit = parseRejectLimit(values)
    const landing = parseLanding(values)
    const proposal = readProposal(values)
    if (values.json && !values.preview) throw new UsageError('--json belongs to --preview')
    if (values.corrects !== undefined && proposal !== null) throw new UsageError('--corrects cannot be proposed')
    const services = await openServices()
    if (!values.preview) services.database.prepareToCommit?.()
    const table = parseTable(tableText, values.catalog ?? services.config.catalogName)
    const found = await findInputs(services, given, terminal.signal)
    const names = found.map((input) => foundName(input))
    const format = resolveFormat(values.format, names)
    const csv = parseCsvFlags(hasTabs(values.format, names) ? { delimiter: '\\t', ...values } : values, format)
    const request: Request = {
      table,
      found,
      format,
      csv,
      mapping: await readMapping(values),
      landing,
      proposal,
      limit,
      later: null,
      values,
    }
    const refusedFlags = (['preview', 'propose', 'corrects'] as const).flatMap((flag) =>
      values[flag] ? [`--${flag}`] : [],
    )
    const every = chooseCommitEvery(values['commit-every'], { found, format, csv, landing, refusedFlags })
    if (every === null) return load(services, request, terminal)
    return loadParts(
      { format, csv, findNames: () => findNames(services, request) },
      { ...every, maxUploadBytes: services.config.uploads.maxBytes },
      {
        terminal,
        load: (part, { csv: options, later }) => load(services, { ...request, csv: options, later }, part),
      },
    )
  },
}

type Request = {
  table: TableIdentifier
  found: readonly FoundInput[]
  format: InputFormat
  csv: CsvOptions | null
  mapping: LoadMapping | null
  landing: LoadLanding | null
  proposal: ReturnType<typeof readProposal>
  limit: ReturnType<typeof parseRejectLimit>
  /** For a part of a pipe that is not its first one. */
  later: LaterPart | null
  values: LoadValues
}

/** Loads the inputs as one snapshot, previews them, or proposes their load. */
async function load(services: Services, request: Request, terminal: Terminal): Promise<number> {
  const { table, found, format, csv, mapping, landing, proposal, limit, later, values } = request
  const answered = answeredKinds(values)
  if (proposal !== null) requireNoPipe(found)
  const { inputs, discard } = await storePipe(services, found, { table, terminal })
  let queued: Run | null = null
  try {
    const options = {
      format,
      ...(csv && { csv }),
      ...(mapping && { mapping }),
      ...(landing && { landing }),
      ignoreExtra: values['ignore-extra'],
      // Lines of JSON need not have every key, so that a part may lack one.
      ...((values['allow-null-columns'] || (later && format === 'ndjson')) && { allowNullColumns: true }),
      ...(answered.has('numbers') && hasUsualNumbers(csv ?? CSV_DEFAULTS) && { allowAmbiguousNumbers: true }),
      ...(values['load-again'] && { loadAgain: true }),
      ...limit,
      ...(later && { laterPart: later }),
      create:
        later === null
          ? await readNewTable(values, () =>
              declareFirst(services, inputs, { format, csv, mapping, answered }, terminal),
            )
          : null,
      ...(values.corrects !== undefined && { correctsRunId: values.corrects }),
    } satisfies Omit<IngestSpec, 'input'>
    if (values.corrects !== undefined)
      await requireCorrectedLoad(services.database, values.corrects, { on: table, actor: actorFor(COMMAND_LINE) })
    if (values.preview)
      return await previewFiles(services, table, { ...options, inputs }, { answered, isJson: values.json, terminal })
    await requireOneReading(services, table, { ...options, inputs }, { answered, terminal })
    if (proposal !== null) {
      const { create: _create, ...proposed } = options
      return await proposeLoad(services, table, { ...proposed, inputs }, { text: proposal, terminal })
    }
    const spec = { ...options, input: inputs }
    ;({ run: queued } = await loadFiles(services, table, spec, {
      actor: actorFor(COMMAND_LINE),
      signal: terminal.signal,
      requestId: null,
      idempotencyKey: newAuditId(),
    }))
  } finally {
    if (queued === null) await discard()
  }
  return followLoad(services, queued.id, { fileCount: inputs.length, terminal })
}

/** The names that the header of a file may have: fields of the columns, if the table exists. */
async function findNames(services: Services, { table, landing, mapping, values }: Request): Promise<ExpectedNames> {
  const isNew = values.create || values['create-schema'] !== undefined
  const columns = isNew ? [] : (await readSchema(services, table, { create: null, landing })).fields
  return expectNames(
    columns.map(({ name }) => name),
    { mapping, ignoreExtra: values['ignore-extra'] },
  )
}

/** Waits for the end of the run, and prints its progress and its result. */
async function followLoad(
  services: Services,
  runId: string,
  { fileCount, terminal }: { fileCount: number; terminal: Terminal },
): Promise<number> {
  const startedAt = clock.elapsedMs()
  const run = await withWorker(services, runKinds(services), async () => {
    const line = createProgressLine()
    try {
      return await followRun(services.database, runId, {
        signal: terminal.signal,
        onProgress: (current) => line.show(progressText(current, clock.elapsedMs() - startedAt)),
      })
    } finally {
      line.end()
    }
  })
  const outcome = requireOutcome(run)
  if (run.isCancelRequested)
    terminal.printMessage(`The cancel came too late: the ${fileCount === 1 ? 'file is' : 'files are'} loaded.`)
  for (const text of summaryLines(outcome, { runId, elapsedMs: clock.elapsedMs() - startedAt }))
    terminal.printMessage(text)
  terminal.print(JSON.stringify({ runId, ...outcome }))
  return 0
}

/** `--allow-rejects` takes an optional number, which parseArgs cannot express. */
function withOptionalValue(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const isAlone = arg === '--allow-rejects' && !/^\d+$/.test(args[i + 1] ?? '')
    return isAlone ? `${arg}=${Number.MAX_SAFE_INTEGER}` : arg
  })
}

/** Null for a load that appends to `main`. */
function parseLanding({
  operation: operationText = 'append',
  branch = null,
  where,
}: {
  operation?: string | undefined
  branch?: string | null | undefined
  where?: string | undefined
}): LoadLanding | null {
  const operation = LOAD_OPERATIONS.find((one) => one === operationText)
  if (!operation) throw new UsageError(`--operation is one of ${LOAD_OPERATIONS.join(', ')}, not "${operationText}"`)
  if (branch === '') throw new UsageError('--branch is the name of a branch')
  if (operation === 'replace-where' && where === undefined)
    throw new UsageError('--where is missing: the filter of the rows to replace')
  if (operation !== 'replace-where' && where !== undefined)
    throw new UsageError('--where belongs to --operation replace-where')
  if (operation === 'append' && branch === null) return null
  return { operation, branch, ...(where !== undefined && { where }) }
}

type Reading = {
  format: InputFormat
  csv: CsvOptions | null
  mapping: LoadMapping | null
  answered: ReturnType<typeof answeredKinds>
}

/** The table of `--create`: the columns of the first input. */
async function declareFirst(
  services: Services,
  inputs: readonly CommandLineInput[],
  { format, csv, mapping, answered }: Reading,
  terminal: Terminal,
): Promise<DeclaredTable> {
  const [first] = nameInputs(inputs)
  if (first === undefined) throw new UsageError('no file is given')
  const [input, name] = first
  const open = () => openNamedInput(services, input, { name, signal: terminal.signal })
  return declareTable(open, { format, ...(csv && { csv }), ...(mapping && { mapping }), answered }, terminal)
}

/**
 * Asks how the values of the first input are to be read, if they fill columns whose values they could change.
 *
 * @throws {AppError} invalid-request with the flags that say so; what the load would throw before it reads rows
 */
async function requireOneReading(
  services: Services,
  table: TableIdentifier,
  { inputs, ...spec }: Omit<IngestSpec, 'input'> & { inputs: readonly CommandLineInput[] },
  { answered, terminal }: { answered: Reading['answered']; terminal: Terminal },
): Promise<void> {
  const [first] = nameInputs(inputs)
  if (first === undefined || spec.format !== 'csv' || answered.has('numbers')) return
  const { signal } = terminal
  const schema = await readSchema(services, table, { create: spec.create, landing: spec.landing ?? null })
  const [input, name] = first
  const opened = await openNamedInput(services, input, { name, signal })
  requireAnswers(await findLoadQuestions(opened, { ...spec, schema }, signal), answered, opened.name)
}

/** The schema of the rows of a load. @throws {AppError} what the load would throw before it reads a file */
async function readSchema(
  services: Services,
  table: TableIdentifier,
  { create, landing }: { create: IngestSpec['create']; landing: LoadLanding | null },
): Promise<Schema> {
  const catalog = await services.catalogs.open(table.catalog, actorFor(COMMAND_LINE))
  const target = { catalog, run: { table }, log: () => {} }
  const { schema } = await resolveTarget(target, { create, landing: landing ?? APPEND_TO_MAIN })
  return schema
}

type ProposalValues = {
  propose?: string | undefined
  note?: string | undefined
  preview: boolean
  create: boolean
  'create-schema'?: string | undefined
}

/**
 * Null for a load that is not proposed.
 *
 * @throws {UsageError} for options that no proposal has
 */
function readProposal(values: ProposalValues): ReturnType<typeof parseProposal> | null {
  const { propose: title, note } = values
  if (title === undefined) {
    if (note !== undefined) throw new UsageError('--note belongs to --propose')
    return null
  }
  if (values.create || values['create-schema'] !== undefined)
    throw new UsageError('--propose is for a table that exists: leave it out with --create and --create-schema')
  if (values.preview) throw new UsageError('--propose and --preview contradict each other')
  return parseProposal(title, note)
}
