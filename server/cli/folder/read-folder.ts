import 'server-only'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { TableDeclaration } from '@/lib/changes/declaration/table-declaration'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { parseTable, tableName } from '../table-name'
import { readDeclaration, readYaml } from '../table-plan'
import { UsageError } from '../verb'
import { ACCESS_FILE, type AccessDeclaration, requireAccessDeclaration } from './access-file'

export const MAX_TABLES = 500
export const MAX_FOLDER_BYTES = 64 * 1024 * 1024
const TABLE_FILE = /^(.+)\.ya?ml$/

export type DeclaredTable = { file: string; identifier: TableIdentifier; declaration: TableDeclaration }

/** The contents of a folder: tables, in the order of their files, and the access to the catalog. */
export type DeclaredFolder = { tables: readonly DeclaredTable[]; access: AccessDeclaration | null }

/**
 * Reads every file before anything is compared. Files of other kinds, and those whose names begin with a dot, are left
 * alone.
 *
 * @throws {AppError} invalid-request naming the file and the part that is wrong, and for a subfolder; file-missing,
 *   too-large
 */
export async function readFolder(folder: string, catalog: string): Promise<DeclaredFolder> {
  const files = await listFiles(folder)
  if (files.length === 0) {
    throw new AppError('invalid-request', `${folder} has no file such as demo.flights.yaml, and no ${ACCESS_FILE}.`)
  }
  const names = files.filter((file) => file !== ACCESS_FILE)
  if (names.length > MAX_TABLES) {
    throw new AppError(
      'too-large',
      `${folder} describes ${formatQuantity(names.length, 'table')}; at most ${MAX_TABLES} are compared at once.`,
    )
  }
  await requireSize(folder, files)
  const tables: DeclaredTable[] = []
  for (const { file, identifier } of parseFileNames(names, catalog)) {
    tables.push({ file, identifier, declaration: await readDeclaration(path.join(folder, file)) })
  }
  if (!files.includes(ACCESS_FILE)) return { tables, access: null }
  const { value } = await readYaml(path.join(folder, ACCESS_FILE))
  return { tables, access: requireAccessDeclaration(value, ACCESS_FILE) }
}

/** The files of a folder that describe tables, by their names alone. */
export async function listTableFiles(folder: string, catalog: string): Promise<Omit<DeclaredTable, 'declaration'>[]> {
  const files = await listFiles(folder)
  return parseFileNames(
    files.filter((file) => file !== ACCESS_FILE),
    catalog,
  )
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('file-missing', `${folder} cannot be read: ${reason}`, { cause })
  })
  const visible = entries.filter(({ name }) => !name.startsWith('.'))
  const subfolder = visible.find((entry) => entry.isDirectory())
  if (subfolder) {
    throw new AppError('invalid-request', `${folder} has the folder ${subfolder.name}. Put all files into one folder.`)
  }
  return visible
    .map(({ name }) => name)
    .filter((name) => TABLE_FILE.test(name))
    .toSorted()
}

async function requireSize(folder: string, files: readonly string[]): Promise<void> {
  let totalBytes = 0
  for (const file of files) totalBytes += (await stat(path.join(folder, file))).size
  if (totalBytes <= MAX_FOLDER_BYTES) return
  throw new AppError('too-large', `The files of ${folder} have more than ${MAX_FOLDER_BYTES} bytes.`)
}

function parseFileNames(files: readonly string[], catalog: string): Omit<DeclaredTable, 'declaration'>[] {
  const fileOf = new Map<string, string>()
  return files.map((file) => {
    const identifier = parseFileName(file, catalog)
    const key = tableName(identifier)
    const other = fileOf.get(key)
    if (other !== undefined) throw new AppError('invalid-request', `${other} and ${file} describe the same table.`)
    fileOf.set(key, file)
    return { file, identifier }
  })
}

function parseFileName(file: string, catalog: string): TableIdentifier {
  try {
    return parseTable(TABLE_FILE.exec(file)?.[1] ?? '', catalog)
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    throw new AppError('invalid-request', `${file} is not named for a table: ${cause.message}.`, { cause })
  }
}
