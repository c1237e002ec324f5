import type { RowFormat } from '@/lib/scan/output/row-encoder'

export type ExportFormat = { format: RowFormat; label: string; hint: string; mediaType: string }

/** For rows of a table. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    format: 'csv',
    label: 'CSV',
    hint: "Formula-like text is prefixed with '.",
    mediaType: 'text/csv;charset=utf-8',
  },
  {
    format: 'ndjson',
    label: 'JSON lines',
    hint: 'An object per row, with exact values.',
    mediaType: 'application/x-ndjson',
  },
  {
    format: 'parquet',
    label: 'Parquet',
    hint: 'Typed columns with field ids, uncompressed.',
    mediaType: 'application/vnd.apache.parquet',
  },
  {
    format: 'arrow',
    label: 'Arrow stream',
    hint: 'Typed columns with field ids.',
    mediaType: 'application/vnd.apache.arrow.stream',
  },
]

/** For the result of a query: its columns have no field ids. */
export const RESULT_FORMATS: readonly ExportFormat[] = EXPORT_FORMATS.map((each) => ({
  ...each,
  hint: each.hint.replace(' with field ids', ''),
}))
