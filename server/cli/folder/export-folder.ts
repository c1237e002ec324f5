import 'server-only'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'yaml'
import { toDeclaration } from '@/lib/changes/declaration/to-declaration'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { entryLabel, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Services } from '@/server/services'
import { maskProperties } from '@/server/table/mask-properties'
import { tableName } from '../table-name'
import { loadTable, MAX_FILE_BYTES } from '../table-plan'
import type { Terminal } from '../verb'
import { toProblem } from './planned-entry'
import { listTableFiles, MAX_FOLDER_BYTES, MAX_TABLES } from './read-folder'

/** File systems allow no more. */
const MAX_FILE_NAME_BYTES = 255
/** Separates folders, or would not fit in one line of a list of files. */
const UNUSABLE_IN_FILE_NAME = /[/\p{Cc}]/u

/** A table and its file. Fields may be added; those that are here stay. */
type ExportEntry = {
  kind: 'table'
  name: string
  file: string
  /** `refused`: the file differs from the table and `--overwrite` is missing. `not-reached`: another one was refused. */
  result: 'written' | 'unchanged' | 'refused' | 'not-reached' | 'failed'
  /** Properties that grant access, which no file has. */
  omittedProperties: readonly string[]
  problem: { code: string; detail: string } | null
}

/** The report of an export. Fields may be added; those that are here stay. */
export type ExportReport = {
  version: 1
  action: 'export'
  catalog: string
  namespace: Namespace
  /** `matches`: every file was already as its table. `failed`: an entry failed or was refused. */
  outcome: 'matches' | 'exported' | 'failed'
  entries: readonly ExportEntry[]
  /** Files of the namespace whose table does not exist. `apply` would create it. */
  filesWithoutTable: readonly string[]
}

type ExportOptions = {
  namespace: Namespace
  folder: string
  catalog?: string
  json: boolean
  overwrite: boolean
}

type Exported = { entry: ExportEntry; text: string | null }

/**
 * Writes a file for each table directly in a namespace, and prints one report. Replaces a file that differs from its
 * table only with `overwrite`: it may have been edited.
 *
 * @returns the exit code: 0, or 1 when an entry failed or was refused
 * @throws {AppError} not-found for the namespace; too-large, invalid-request for the folder
 */
export async function exportNamespace(
  services: Services,
  terminal: Terminal,
  { namespace, folder, json: isJson, overwrite: canOverwrite, ...options }: ExportOptions,
): Promise<number> {
  const { signal } = terminal
  const catalogName = options.catalog ?? services.config.catalogName
  const catalog = await services.catalogs.open(catalogName, actorFor(COMMAND_LINE))
  await catalog.loadNamespace(namespace, { signal })
  const tables = await catalog.listTables(namespace, { signal })
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritableError(folder, 'Nothing was written.', cause)
  })
  const present = await listTableFiles(folder, catalogName)
  const fileOf = new Map(present.map(({ file, identifier }) => [tableName(identifier), file]))
  requireTableCount(folder, new Set([...fileOf.keys(), ...tables.map(tableName)]).size)
  const exported: Exported[] = []
  let totalBytes = 0
  for (const identifier of tables) {
    signal.throwIfAborted()
    const one = await exportTable(services, identifier, { folder, known: fileOf.get(tableName(identifier)), signal })
    totalBytes += Buffer.byteLength(one.text ?? '')
    if (totalBytes > MAX_FOLDER_BYTES) {
      throw new AppError('too-large', `The files would have more than ${MAX_FOLDER_BYTES} bytes. Nothing was written.`)
    }
    exported.push(one)
  }
  const entries = await writeAll(folder, exported, canOverwrite)
  const names = new Set(tables.map(tableName))
  const report: ExportReport = {
    version: 1,
    action: 'export',
    catalog: catalogName,
    namespace,
    outcome: toOutcome(entries),
    entries,
    filesWithoutTable: present
      .filter(({ identifier }) => isIn(namespace, identifier) && !names.has(tableName(identifier)))
      .map(({ file }) => file),
  }
  if (isJson) terminal.print(JSON.stringify(report, null, 2))
  else printExport(report, terminal)
  return report.outcome === 'failed' ? 1 : 0
}

/** The YAML of a table without a final line break, and the properties that it leaves out because they grant access. */
export async function describeTableAsFile(
  services: Services,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<{ text: string; omittedProperties: string[] }> {
  const { metadata } = await loadTable(services, identifier, signal)
  const { properties = {}, ...rest } = toDeclaration(metadata)
  const shown = maskProperties(services.keys, properties, metadata.tableUuid, () => true)
  const omittedProperties = Object.keys(properties).filter((key) => shown[key] !== properties[key])
  // A mask in the file would become the value of the property when the file is applied.
  const retained = Object.fromEntries(Object.entries(properties).filter(([key]) => !omittedProperties.includes(key)))
  return { text: stringify({ ...rest, properties: retained }).trimEnd(), omittedProperties }
}

/** Compares a table with its file. An expected failure is a part of the report, so that it does not hide the others. */
async function exportTable(
  services: Services,
  identifier: TableIdentifier,
  { folder, known, signal }: { folder: string; known: string | undefined; signal: AbortSignal },
): Promise<Exported> {
  const file = known ?? `${tableName(identifier)}.yaml`
  const entry = { kind: 'table' as const, name: entryLabel(identifier), file, omittedProperties: [], problem: null }
  try {
    requireFileName(file)
    const { text, omittedProperties } = await describeTableAsFile(services, identifier, signal)
    const content = `${text}\n`
    if (Buffer.byteLength(content) > MAX_FILE_BYTES) {
      throw new AppError('too-large', `Its file would have more than ${MAX_FILE_BYTES} bytes.`)
    }
    const isEqual = known !== undefined && (await readFile(path.join(folder, known), 'utf8')) === content
    const result = isEqual ? 'unchanged' : known === undefined ? 'written' : 'refused'
    return { entry: { ...entry, omittedProperties, result }, text: content }
  } catch (error) {
    return { entry: { ...entry, result: 'failed', problem: toProblem(error) }, text: null }
  }
}

/** Writes nothing when a file would be refused. */
async function writeAll(folder: string, exported: readonly Exported[], canOverwrite: boolean): Promise<ExportEntry[]> {
  const isHeld = !canOverwrite && exported.some(({ entry }) => entry.result === 'refused')
  const entries: ExportEntry[] = []
  for (const { entry, text } of exported) {
    const isDifferent = entry.result === 'written' || entry.result === 'refused'
    if (text === null || !isDifferent) entries.push(entry)
    else if (isHeld) entries.push({ ...entry, result: entry.result === 'refused' ? 'refused' : 'not-reached' })
    else {
      await replaceFile(folder, entry.file, text)
      entries.push({ ...entry, result: 'written' })
    }
  }
  return entries
}

/** A file that was cut off would describe another table. Names that begin with a dot are in no folder of tables. */
async function replaceFile(folder: string, file: string, text: string): Promise<void> {
  const draft = path.join(folder, '.export-draft')
  try {
    await writeFile(draft, text)
    await rename(draft, path.join(folder, file))
  } catch (cause) {
    throw unwritableError(path.join(folder, file), 'The files before it were written.', cause)
  }
}

function unwritableError(target: string, consequence: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new AppError('invalid-request', `${target} cannot be written: ${reason}. ${consequence}`, { cause })
}

function requireFileName(file: string): void {
  if (UNUSABLE_IN_FILE_NAME.test(file)) {
    throw new AppError('invalid-request', 'Its name has characters that a file name cannot have.')
  }
  if (Buffer.byteLength(file) > MAX_FILE_NAME_BYTES) {
    throw new AppError('too-large', `Its file name would have more than ${MAX_FILE_NAME_BYTES} bytes.`)
  }
}

function requireTableCount(folder: string, tableCount: number): void {
  if (tableCount <= MAX_TABLES) return
  throw new AppError(
    'too-large',
    `${folder} would describe ${formatQuantity(tableCount, 'table')}, and a folder has at most ${MAX_TABLES}. Nothing was written.`,
  )
}

function isIn(namespace: Namespace, identifier: TableIdentifier): boolean {
  return (
    identifier.namespace.length === namespace.length &&
    identifier.namespace.every((level, index) => level === namespace[index])
  )
}

function toOutcome(entries: readonly ExportEntry[]): ExportReport['outcome'] {
  if (entries.some(({ result }) => result === 'failed' || result === 'refused')) return 'failed'
  return entries.some(({ result }) => result === 'written') ? 'exported' : 'matches'
}

/** For people: the files on standard output, and the rest as messages. */
function printExport({ entries, filesWithoutTable }: ExportReport, terminal: Terminal): void {
  for (const { name, file, result, omittedProperties, problem } of entries) {
    if (result === 'written') terminal.print(file)
    if (problem) terminal.printMessage(`${name}: failed: ${problem.detail}`)
    if (result === 'refused') terminal.printMessage(`${file} differs from ${name}.`)
    if (omittedProperties.length > 0) {
      terminal.printMessage(`Note: ${name}: not exported, because they grant access: ${omittedProperties.join(', ')}`)
    }
  }
  for (const file of filesWithoutTable) {
    terminal.printMessage(`Note: ${file} has no table. Delete the file, otherwise table apply creates the table.`)
  }
  const writtenCount = entries.filter(({ result }) => result === 'written').length
  const all = formatQuantity(entries.length, 'table')
  if (entries.some(({ result }) => result === 'refused')) {
    terminal.printMessage('Nothing was written. Use --overwrite to replace the files that differ.')
  } else terminal.printMessage(`Written: ${formatQuantity(writtenCount, 'file')} for ${all}.`)
}
