/** The formats of files that are loaded into tables. */
export const INPUT_FORMATS = ['csv', 'ndjson', 'json', 'parquet', 'avro', 'arrow'] as const
export type InputFormat = (typeof INPUT_FORMATS)[number]
