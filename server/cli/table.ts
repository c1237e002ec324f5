import 'server-only'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { stringify } from 'yaml'
import { AppError } from '@/lib/errors'
import { proposalText } from '@/lib/contract/proposals'
import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import type { TableUses } from '@/lib/contract/table/uses'
import { formatQuantity } from '@/lib/format/count'
import { declarationIntents } from '@/lib/changes/declaration/declaration-intents'
import { parseDeclarationYaml } from '@/lib/changes/declaration/declaration-yaml'
import { declarationToText, requireDeclaration } from '@/lib/changes/declaration/declaration-text'
import type { TableDeclaration } from '@/lib/changes/declaration/table-declaration'
import { toDeclaration } from '@/lib/changes/declaration/to-declaration'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { clientDemands } from '@/lib/changes/intents/client-support'
import { type Intent, intentSentence, intentSign } from '@/lib/changes/intents/intent'
import { changeForIntents, warningsForIntents } from '@/lib/changes/intents/intent-changes'
import { clientLabel, clientLimits, describeAccess, RECENT_DAYS, recentClients } from '@/lib/uses/client-texts'
import { judgeClients, summarizeClients } from '@/lib/uses/judged-clients'
import { lostColumns } from '@/lib/uses/lost-columns'
import { countUses, describeUse, usedByLabel, usesColumn } from '@/lib/uses/use-texts'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { newAuditId } from '@/server/db/audit'
import type { Services } from '@/server/services'
import { createTableAction } from '@/server/changes/actions/create-table'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { commitIntents } from '@/server/changes/actions/change-table'
import { propose } from '@/server/changes/proposals/proposals'
import { readTableUses } from '@/server/search/table-uses'
import { readTableClients } from '@/server/table/table-clients'
import { maskProperties, requireNoSecrets } from '@/server/table/mask-properties'
import { parseTable } from './table-name'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

/** Neither a failure (1) nor a wrong command line (2). */
const DIFFERS = 3
const MAX_FILE_BYTES = 4 * 1024 * 1024

export const tableVerb: Verb = {
  summary: 'tables as code: export, create, plan and apply a file that describes a table',
  help: `Use: lakeshore table export <namespace.table> [--catalog <name>]
     lakeshore table create <namespace.table> --file <table.yaml> [--location <uri>] [--catalog <name>]
     lakeshore table plan  <namespace.table> --file <table.yaml> [--exit-code] [--catalog <name>]
     lakeshore table apply <namespace.table> --file <table.yaml> [--allow-drops] [--allow-removals]
                           [--allow-upgrade] [--propose <title> [--note <text>]] [--catalog <name>]

export prints the table as YAML: format version, columns, identifier fields, partition fields, sort fields,
properties, and the retention of branches and tags. create creates an empty table as the file describes it. plan prints
the changes that would make the table match the file, what uses the columns that it drops or renames, and what the
clients of the last 30 days can do after an upgrade; apply makes them in one commit. A section that the file
omits is left alone; a section that it has is complete, so anything that it does not name is removed.
Columns are found by their id, or by their name if the file has no id: with the id, another name is a rename;
without it, a drop and a new column.
apply removes nothing unless asked to: columns only with --allow-drops; properties, partition fields, sort fields and
identifier fields only with --allow-removals. Safety tags of the console are not exported.
A format version cannot be lowered again, so apply raises it only with --allow-upgrade.
With --propose, apply commits nothing, and stores the changes on the server for another user to commit, as policies of
namespaces demand. With --exit-code, plan ends with 3 if the table differs, and with 1 if it could not be compared.
The file - is standard input.`,
  async run(args, terminal, { openServices }) {
    const { positionals, values } = readArguments(args, {
      file: { type: 'string' },
      catalog: { type: 'string' },
      'exit-code': { type: 'boolean', default: false },
      'allow-drops': { type: 'boolean', default: false },
      'allow-removals': { type: 'boolean', default: false },
      'allow-upgrade': { type: 'boolean', default: false },
      propose: { type: 'string' },
      note: { type: 'string' },
      location: { type: 'string' },
    })
    const [action, name, extra] = positionals
    if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
    if (action !== 'export' && action !== 'create' && action !== 'plan' && action !== 'apply') {
      throw new UsageError(
        action === undefined
          ? 'no action given: use export, create, plan or apply'
          : `unknown action "${action}": use export, create, plan or apply`,
      )
    }
    if (name === undefined) throw new UsageError('the table is missing: namespace.table')
    if (values['exit-code'] && action !== 'plan') throw new UsageError('--exit-code belongs to table plan')
    for (const flag of ['allow-drops', 'allow-removals', 'allow-upgrade'] as const) {
      if (values[flag] && action !== 'apply') throw new UsageError(`--${flag} belongs to table apply`)
    }
    if (values.propose !== undefined && action !== 'apply') throw new UsageError('--propose belongs to table apply')
    if (values.location !== undefined && action !== 'create') throw new UsageError('--location belongs to table create')
    if (values.note !== undefined && values.propose === undefined) throw new UsageError('--note belongs to --propose')
    const services = await openServices()
    const identifier = parseTable(name, values.catalog ?? services.config.catalogName)
    if (action === 'export') return exportTable(services, identifier, terminal)
    if (values.file === undefined) throw new UsageError('--file is missing: the file that describes the table')
    const declaration = await readDeclaration(values.file)
    if (action === 'create') {
      const request = {
        declaration: declarationToText(declaration),
        ...(values.location !== undefined && { location: values.location }),
      }
      const requested = { on: identifier, input: request }
      const created = await carryOut(services, createTableAction, requested, {
        actor: actorFor(COMMAND_LINE),
        signal: terminal.signal,
        requestId: null,
        idempotencyKey: newAuditId(),
      })
      terminal.printMessage(`Created ${name} (${created.auditId}).`)
      return 0
    }
    const { intents, warnings } = await plan(services, identifier, declaration, terminal.signal)
    for (const intent of intents) terminal.print(`${intentSign(intent)} ${intentSentence(intent)}`)
    for (const warning of warnings) terminal.printMessage(`Note: ${warning}`)
    if (intents.length === 0) {
      terminal.printMessage(`${name} matches the file.`)
      return 0
    }
    if (action === 'plan') {
      for (const line of await describeReaders(services, identifier, intents, terminal.signal))
        terminal.printMessage(line)
      terminal.printMessage(`${formatQuantity(intents.length, 'change')}, not committed.`)
      return values['exit-code'] ? DIFFERS : 0
    }
    requireNoSecrets(intents)
    requireAllowed(intents, values)
    const context = { actor: actorFor(COMMAND_LINE), signal: terminal.signal, requestId: null }
    if (values.propose !== undefined) {
      const text = proposalText.safeParse({ title: values.propose, note: values.note ?? '' })
      if (!text.success) throw new UsageError('--propose is one line of 1 to 200 characters, and --note has up to 5000')
      const { proposalId } = await propose(
        services,
        { kind: 'table', identifier },
        { action: { kind: 'change-table', intents: [...intents] }, ...text.data },
        context,
      )
      terminal.printMessage(`${formatQuantity(intents.length, 'change')}, proposed (${proposalId}), not committed.`)
      return 0
    }
    const { auditId } = await commitIntents(services, identifier, intents, {
      ...context,
      idempotencyKey: newAuditId(),
      // The flag stands for the typed name of what cannot be undone.
      ...(values['allow-upgrade'] && { confirmedName: entryLabel(identifier) }),
    })
    terminal.printMessage(`${formatQuantity(intents.length, 'change')}, committed as one commit (${auditId}).`)
    return 0
  },
}

async function exportTable(services: Services, identifier: TableIdentifier, terminal: Terminal): Promise<number> {
  const { metadata } = await loadTable(services, identifier, terminal.signal)
  const { properties = {}, ...rest } = toDeclaration(metadata)
  const shown = maskProperties(services.keys, properties, metadata.tableUuid)
  const hidden = Object.keys(properties).filter((key) => shown[key] !== properties[key])
  // A mask in the file would become the value of the property when the file is applied.
  const retained = Object.fromEntries(Object.entries(properties).filter(([key]) => !hidden.includes(key)))
  terminal.print(stringify({ ...rest, properties: retained }).trimEnd())
  if (hidden.length > 0) {
    terminal.printMessage(`Not exported, because they grant access: ${hidden.join(', ')}. The file leaves them alone.`)
  }
  return 0
}

async function plan(
  services: Services,
  identifier: TableIdentifier,
  declaration: TableDeclaration,
  signal: AbortSignal,
): Promise<{ intents: readonly Intent[]; warnings: readonly string[] }> {
  const { metadata } = await loadTable(services, identifier, signal)
  const shown = maskProperties(services.keys, metadata.properties, metadata.tableUuid)
  // Properties that grant access are in no file, so a file does not remove them.
  const intents = declarationIntents(metadata, declaration).filter(
    (intent) => intent.kind !== 'remove-property' || shown[intent.key] === metadata.properties[intent.key],
  )
  if (intents.length === 0) return { intents, warnings: [] }
  changeForIntents(metadata, intents)
  return { intents, warnings: warningsForIntents(metadata, intents) }
}

/** Lines about the uses of columns that the changes drop or rename, and about clients that may not support the changes. */
async function describeReaders(
  services: Services,
  identifier: TableIdentifier,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<string[]> {
  const columns = lostColumns(intents)
  const asksOfClients = clientDemands(intents).length > 0
  if (columns.length === 0 && !asksOfClients) return []
  const actor = actorFor(COMMAND_LINE)
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  const isRecorded = catalog.kind === 'embedded'
  const clients = await readTableClients(services.database, table.metadata, { isRecorded })
  return [
    ...(columns.length === 0 ? [] : usesToLines(columns, await readTableUses(services, table, { actor, signal }))),
    ...clientsToLines(clients, asksOfClients ? intents : null, services.database.nowMs()),
  ]
}

function usesToLines(columns: readonly string[], { uses, isTruncated, missingCatalogs }: TableUses): string[] {
  const using = uses.filter((use) => usesColumn(use, columns))
  return [
    using.length === 0
      ? `Used by: no view, check, saved query or proposal that is known uses ${columns.join(', ')}.`
      : `Used by: ${countUses(using)}.`,
    ...using.map((use) => `  ${usedByLabel(use)}: ${describeUse(use)}`),
    ...(isTruncated ? ['  There may be more than Lakeshore has looked at.'] : []),
    ...(missingCatalogs.length === 0 ? [] : [`  Not everything in ${missingCatalogs.join(', ')} could be looked at.`]),
  ]
}

/** @param intents null if they ask nothing of clients */
function clientsToLines(clients: TableClients, intents: readonly Intent[] | null, nowMs: number): string[] {
  const toLine = (client: TableClient) => `  ${clientLabel(client)}: ${describeAccess(client, nowMs)}`
  if (intents === null) {
    const recent = recentClients(clients, nowMs)
    return [
      `Known clients of the last ${RECENT_DAYS} days: ${recent.length}. ${clientLimits(clients)}`,
      ...recent.map(toLine),
    ]
  }
  const judged = judgeClients(clients, intents, nowMs)
  return [
    `${summarizeClients(clients, judged)} ${clientLimits(clients)}`,
    ...judged.map(({ client, text }) => `${toLine(client)}; ${text}`),
  ]
}

async function loadTable(services: Services, identifier: TableIdentifier, signal: AbortSignal) {
  const catalog = await services.catalogs.open(identifier.catalog, actorFor(COMMAND_LINE))
  return catalog.loadTable(identifier, { signal })
}

/** @throws {AppError} invalid-request naming the part of the file that is wrong */
async function readDeclaration(file: string): Promise<TableDeclaration> {
  const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('file-missing', `${file} cannot be read: ${reason}`, { cause })
  })
  if (bytes.byteLength > MAX_FILE_BYTES) {
    throw new AppError('too-large', `${file} is larger than ${MAX_FILE_BYTES} bytes, so it cannot describe one table.`)
  }
  const { value, lineOf } = parseDeclarationYaml(bytes.toString('utf8'))
  return requireDeclaration(value, file, lineOf)
}

/**
 * Another client may have added a part that the file omits, and a format version cannot be lowered again, so removals
 * and upgrades have to be requested.
 */
function requireAllowed(
  intents: readonly Intent[],
  allowed: { 'allow-drops': boolean; 'allow-removals': boolean; 'allow-upgrade': boolean },
): void {
  const guarded = intents.flatMap((intent) => {
    const flag = guardingFlag(intent)
    return flag === null || allowed[flag] ? [] : [{ intent, flag }]
  })
  if (guarded.length === 0) return
  const flags = [...new Set(guarded.map(({ flag }) => `--${flag}`))].join(' and ')
  const sentences = guarded.map(({ intent }) => intentSentence(intent)).join('; ')
  throw new AppError('invalid-request', `${sentences}: use ${flags} if that is intended. Nothing was changed.`)
}

function guardingFlag(intent: Intent): 'allow-drops' | 'allow-removals' | 'allow-upgrade' | null {
  if (intent.kind === 'upgrade-format-version') return 'allow-upgrade'
  if (intentSign(intent) !== '−') return null
  return intent.kind === 'drop-column' ? 'allow-drops' : 'allow-removals'
}
