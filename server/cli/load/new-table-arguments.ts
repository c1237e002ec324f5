import 'server-only'
import { readFile } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import { type NewTableSpec, parseSchema } from '@/server/ingest/run/ingest-spec'
import { parsePartitionSpec } from '@/server/ingest/run/partition-text'
import { UsageError } from '../verb'

export const NEW_TABLE_FLAGS = {
  create: { type: 'boolean', default: false },
  'create-schema': { type: 'string' },
  'partition-by': { type: 'string' },
  property: { type: 'string', multiple: true },
} as const

/** The schema of a new table, and the properties that it needs. */
export type DeclaredTable = { schema: string; properties: Readonly<Record<string, string>> }

type NewTableValues = {
  create: boolean
  'create-schema'?: string | undefined
  'partition-by'?: string | undefined
  property?: string[] | undefined
}

/**
 * The table that a load creates; null for one that exists.
 *
 * @param declareTable reads the schema from the first file
 * @throws {UsageError} for flags of a new table without its schema
 * @throws {AppError} file-damaged, invalid-request, not-supported
 */
export async function readNewTable(
  { create, 'create-schema': schemaFile, 'partition-by': partitionBy, property: properties = [] }: NewTableValues,
  declareTable: () => Promise<DeclaredTable>,
): Promise<NewTableSpec | null> {
  if (create && schemaFile !== undefined) throw new UsageError('--create and --create-schema contradict each other')
  if (!create && schemaFile === undefined) {
    if (partitionBy !== undefined || properties.length > 0) {
      throw new UsageError(
        '--partition-by and --property apply to a new table: use them with --create or --create-schema',
      )
    }
    return null
  }
  const declared =
    schemaFile === undefined ? await declareTable() : { schema: await readSchemaFile(schemaFile), properties: {} }
  // Report mistakes here, before the worker gets the run.
  parsePartitionSpec(partitionBy ?? null, parseSchema(declared.schema))
  return {
    schema: declared.schema,
    partitionBy: partitionBy ?? null,
    properties: { ...declared.properties, ...Object.fromEntries(properties.map(parseProperty)) },
  }
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
