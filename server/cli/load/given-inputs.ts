import 'server-only'
import type { parseArgs } from 'node:util'
import type { LocationFile, LocationPattern, UrlInput } from '@/server/ingest/run/ingest-spec'
import { UsageError } from '../verb'

/** Standard input. */
export type PipeInput = { isPipe: true }

/** An input as the arguments name it: a file or folder, standard input, or files of a load location. */
export type GivenInput = { file: string } | PipeInput | LocationFile | LocationPattern | UrlInput

export const INPUT_FLAGS = {
  table: { type: 'string' },
  file: { type: 'string', multiple: true },
  location: { type: 'string', multiple: true },
  path: { type: 'string', multiple: true },
  match: { type: 'string', multiple: true },
} as const

type Tokens = NonNullable<ReturnType<typeof parseArgs>['tokens']>

/**
 * The table, and the inputs in the order in which they are given: in an upsert the last row of a key is used. A `--path`
 * and a `--match` belong to the `--location` before them.
 *
 * @throws {UsageError}
 */
export function readTargets(tokens: Tokens, tableFlag: string | undefined): { table: string; inputs: GivenInput[] } {
  const inputs: GivenInput[] = []
  let table = tableFlag
  let location: { name: string; isUsed: boolean } | null = null
  const requireUsed = () => {
    if (location?.isUsed === false) throw new UsageError(`--location ${location.name} needs --path or --match`)
  }
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (table === undefined) table = token.value
      else inputs.push(toGivenFile(token.value))
    }
    if (token.kind !== 'option' || token.value === undefined) continue
    const { name, value } = token
    if (name === 'file') inputs.push(toGivenFile(value))
    if (name === 'location') {
      requireUsed()
      location = { name: value, isUsed: false }
    }
    if (name !== 'path' && name !== 'match') continue
    if (location === null) throw new UsageError(`--${name} belongs to a --location before it`)
    location.isUsed = true
    inputs.push(
      name === 'path' ? { loadLocation: location.name, path: value } : { loadLocation: location.name, match: value },
    )
  }
  requireUsed()
  if (table === undefined) throw new UsageError('the table is missing')
  if (inputs.length === 0) throw new UsageError('the file is missing')
  return { table, inputs }
}

function toGivenFile(text: string): GivenInput {
  if (text === '-') return { isPipe: true }
  return /^https?:\/\//i.test(text) ? { url: text } : { file: text }
}
