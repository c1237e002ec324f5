/** The columns of one data file, as its footer has them. Sizes are in bytes. */
export type FileFooter = readonly FooterColumn[]

/** The dictionary of a column: `fallback` if some pages do not use it, `unknown` if the footer does not say. */
export type DictionaryUse = 'all' | 'fallback' | 'unknown'

export type FooterColumn = {
  /** Null: the column has none. */
  fieldId: number | null
  /** Stored bytes by codec, by the name that the table property has. */
  codecs: readonly (readonly [codec: string, storedBytes: number])[]
  encodedBytes: number
  plainBytes: number
  isEstimated: boolean
  /** Names of the encodings of values. */
  encodings: readonly string[]
  /** Null: it has no dictionary. */
  dictionary: DictionaryUse | null
}
