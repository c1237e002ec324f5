import type { InputFormat } from '@/lib/contract/shapes/input-formats'

const EXTENSIONS: readonly (readonly [RegExp, InputFormat])[] = [
  [/\.(csv|tsv)(\.|$)/i, 'csv'],
  [/\.(ndjson|jsonl)(\.|$)/i, 'ndjson'],
  [/\.json(\.|$)/i, 'json'],
  [/\.(parquet|parq)$/i, 'parquet'],
  [/\.avro$/i, 'avro'],
  [/\.(arrow|arrows|feather|ipc)$/i, 'arrow'],
]

/** Names that say nothing are mostly those of delimited texts. */
export function guessFormat(name: string | null): InputFormat {
  return knownFormat(name ?? '') ?? 'csv'
}

/** Null for a name that says nothing. */
function knownFormat(name: string): InputFormat | null {
  return EXTENSIONS.find(([extension]) => extension.test(name))?.[1] ?? null
}

/** Two files whose names say that they have different formats. */
export function findOtherFormat(fileNames: readonly string[]): { first: string; second: string } | null {
  const known = fileNames.flatMap((name) => {
    const format = knownFormat(name)
    return format === null ? [] : [{ name, format }]
  })
  const [first] = known
  const second = known.find(({ format }) => format !== first?.format)
  return first && second ? { first: first.name, second: second.name } : null
}

/** All files of a load are read in the same way. */
export const ONE_FORMAT = 'All files of a load are read in the same way: load them one after the other.'
