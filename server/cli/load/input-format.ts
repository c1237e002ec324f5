import 'server-only'
import path from 'node:path'
import { INPUT_FORMATS, type InputFormat } from '@/lib/contract/shapes/input-formats'
import { UsageError } from '../verb'

/** A text file may be compressed, which its name says by a second extension. */
const EXTENSIONS: readonly (readonly [RegExp, InputFormat])[] = [
  [/\.(csv|tsv)(\.(gz|zst|zstd))?$/i, 'csv'],
  [/\.(ndjson|jsonl)(\.(gz|zst|zstd))?$/i, 'ndjson'],
  [/\.json(\.(gz|zst|zstd))?$/i, 'json'],
  [/\.(parquet|parq)$/i, 'parquet'],
  [/\.avro$/i, 'avro'],
  [/\.(arrow|arrows|feather|ipc)$/i, 'arrow'],
]

/** CSV with tabs. */
const TABS = 'tsv'
const TABS_EXTENSION = /\.tsv(\.(gz|zst|zstd))?$/i

/** Whether the given format, or otherwise each of the names, says that tabs separate the fields. */
export function hasTabs(text: string | undefined, locations: readonly string[]): boolean {
  return text === undefined ? locations.every((location) => TABS_EXTENSION.test(location)) : text === TABS
}

/**
 * The one format of all files: the given one, otherwise that of their names.
 *
 * @throws {UsageError} for an unknown format, a name without a known extension, and names of different formats
 */
export function resolveFormat(text: string | undefined, locations: readonly string[]): InputFormat {
  if (text === TABS) return 'csv'
  if (text !== undefined) {
    const format = INPUT_FORMATS.find((one) => one === text)
    if (!format) throw new UsageError(`--format is one of ${[...INPUT_FORMATS, TABS].join(', ')}, not "${text}"`)
    return format
  }
  const found = new Map<InputFormat, string>()
  for (const location of locations) {
    const name = path.basename(location)
    const format = EXTENSIONS.find(([extension]) => extension.test(name))?.[1]
    if (!format) throw new UsageError(`the format of ${name} is not clear from its name: give --format`)
    if (!found.has(format)) found.set(format, name)
  }
  const [first, second] = [...found]
  if (first === undefined) throw new UsageError('no file is given')
  if (second !== undefined)
    throw new UsageError(
      `all files of a load have one format, but ${first[1]} is ${first[0]} and ${second[1]} is ${second[0]}: load them separately, or give --format`,
    )
  return first[0]
}
