import type { StoredColumn } from '@/lib/contract/table/compression'

/** How much of a column's stored bytes has the codec that is set, and how much others. */
export type WrittenShares = {
  /** From 0 to 1; null when no bytes are stored. */
  asSetShare: number | null
  /** Most bytes first. */
  others: readonly { codec: string; share: number }[]
}

/** @param configuredCodec null: one that Lakeshore does not know */
export function writtenShares({ codecs, storedBytes }: StoredColumn, configuredCodec: string | null): WrittenShares {
  if (storedBytes === 0) return { asSetShare: null, others: [] }
  const shares = codecs.map((written) => ({ codec: written.codec, share: written.storedBytes / storedBytes }))
  return {
    asSetShare: shares.find(({ codec }) => codec === configuredCodec)?.share ?? 0,
    others: shares.filter(({ codec }) => codec !== configuredCodec),
  }
}

/** `DICT, then PLAIN` when dictionaries were given up; otherwise the encodings, most used first. */
export function encodingLabel({ encodings, hasDictionary, hasDictionaryFallback }: StoredColumn): string {
  const isDictionary = (encoding: string) => encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY'
  const others = encodings.filter((encoding) => !isDictionary(encoding))
  if (hasDictionary && hasDictionaryFallback === true) return `DICT, then ${others.join(', ') || 'PLAIN'}`
  return [...(hasDictionary ? ['DICT'] : []), ...others].join(', ')
}
