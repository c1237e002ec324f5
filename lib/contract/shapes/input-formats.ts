/** The formats of files that are loaded into tables. */
export const INPUT_FORMATS = ['csv', 'ndjson', 'parquet'] as const
export type InputFormat = (typeof INPUT_FORMATS)[number]
