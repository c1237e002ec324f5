import 'server-only'
import { open } from 'node:fs/promises'
import { invalidInputError } from '@/lib/contract/shapes/invalid-input'
import { loadMapping } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { type ColumnSource, type LoadMapping, ROW_FACTS } from '@/lib/ingest/load-mapping'
import { UsageError } from '../verb'

export const MAPPING_FLAGS = {
  map: { type: 'string', multiple: true },
  set: { type: 'string', multiple: true },
  sql: { type: 'string', multiple: true },
  fact: { type: 'string', multiple: true },
  'path-value': { type: 'string', multiple: true },
  rest: { type: 'string' },
  ignore: { type: 'string', multiple: true },
  mapping: { type: 'string' },
} as const

type MappingFlag = keyof typeof MAPPING_FLAGS
type MappingValues = {
  map?: string[] | undefined
  set?: string[] | undefined
  sql?: string[] | undefined
  fact?: string[] | undefined
  'path-value'?: string[] | undefined
  rest?: string | undefined
  ignore?: string[] | undefined
  mapping?: string | undefined
}

const MAX_FILE_BYTES = 4 * 1024 * 1024

const SOURCE_FLAGS = ['map', 'set', 'sql', 'fact', 'path-value'] as const

/** The flags that fill one column each: an example of the value, and its source. */
const SOURCES: Readonly<
  Record<(typeof SOURCE_FLAGS)[number], { example: string; toSource: (text: string) => ColumnSource }>
> = {
  map: { example: "--map 'id=Order No.'", toSource: (field) => ({ field }) },
  set: { example: '--set country=DE', toSource: (value) => ({ value }) },
  sql: { example: `--sql 'name=upper("Name")'`, toSource: (sql) => ({ sql }) },
  fact: { example: '--fact source=file-name', toSource: (text) => ({ fact: requireFact(text) }) },
  'path-value': { example: '--path-value day=day', toSource: (pathValue) => ({ pathValue }) },
}

/**
 * The mapping of a file together with that of the flags.
 *
 * @returns null if none is given: columns take the fields of their names
 * @throws {UsageError} for a flag that names no column, and for a column with two sources
 * @throws {AppError} invalid-request for a file that is not a mapping; file-missing, too-large
 */
export async function readMapping(values: MappingValues): Promise<LoadMapping | null> {
  if (listMappingFlags(values).length === 0) return null
  const file = values.mapping === undefined ? null : await readMappingFile(values.mapping)
  const columns = new Map<string, ColumnSource>(Object.entries(file?.columns ?? {}))
  const add = (column: string, source: ColumnSource) => {
    if (columns.has(column)) throw new UsageError(`the column ${JSON.stringify(column)} has two sources`)
    columns.set(column, source)
  }
  for (const flag of SOURCE_FLAGS) {
    const { example, toSource } = SOURCES[flag]
    for (const text of values[flag] ?? []) {
      const [column, source] = splitPair(text, flag, example)
      add(column, toSource(source))
    }
  }
  if (values.rest !== undefined) add(values.rest, { rest: true })
  if (values.ignore?.includes(''))
    throw new UsageError('a field without a name has that of its position: --ignore column1 for the first one')
  return requireMapping({
    columns: Object.fromEntries(columns),
    ignoredFields: [...new Set([...(file?.ignoredFields ?? []), ...(values.ignore ?? [])])],
  })
}

/** The given flags of the mapping, in the order of the help. */
function listMappingFlags(values: MappingValues): string[] {
  return (Object.keys(MAPPING_FLAGS) as MappingFlag[])
    .filter((flag) => values[flag] !== undefined)
    .map((flag) => `--${flag}`)
}

/** At the first equals sign: a column with one in its name needs a file. */
function splitPair(text: string, flag: string, example: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--${flag} takes a column and its source, such as ${example}, not "${text}"`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function requireFact(text: string): (typeof ROW_FACTS)[number] {
  const fact = ROW_FACTS.find((one) => one === text)
  if (fact === undefined) throw new UsageError(`--fact is one of ${ROW_FACTS.join(', ')}, not "${text}"`)
  return fact
}

function requireMapping(mapping: LoadMapping): LoadMapping {
  const checked = loadMapping.safeParse(mapping)
  if (checked.success) return checked.data
  throw new UsageError(`the mapping cannot be used: ${invalidInputError(checked.error, { input: mapping }).message}`)
}

/**
 * Reads the JSON that requests to the API have in `mapping`.
 *
 * @throws {AppError} invalid-request with the file and the path of the wrong part; file-missing, too-large
 */
async function readMappingFile(file: string): Promise<LoadMapping> {
  const json = parseJson(await readText(file), file)
  const checked = loadMapping.safeParse(json)
  if (checked.success) return checked.data
  const { message, facts } = invalidInputError(checked.error, { input: json })
  // The path of the whole file is empty.
  const { '': ofWhole, ...ofFields } = facts
  const problem = ofWhole === undefined ? message : `The whole ${ofWhole}.`
  throw new AppError('invalid-request', `${file} is not a mapping. ${problem} Nothing was loaded.`, {
    cause: checked.error,
    facts: { ...ofFields, file },
  })
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('invalid-request', `${file} is not JSON: ${reason}. Nothing was loaded.`, { cause })
  }
}

/** Reads no more than the limit, because a file such as a pipe does not say how long it is. */
async function readText(file: string): Promise<string> {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1)
  let length = 0
  try {
    const handle = await open(file, 'r')
    try {
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length)
        length += bytesRead
        if (bytesRead === 0 || length === bytes.length) break
      }
    } finally {
      await handle.close()
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('file-missing', `${file} cannot be read: ${reason}`, { cause })
  }
  if (length > MAX_FILE_BYTES)
    throw new AppError('too-large', `${file} is larger than ${formatBytes(MAX_FILE_BYTES)}, so it is not a mapping.`)
  return bytes.toString('utf8', 0, length)
}
