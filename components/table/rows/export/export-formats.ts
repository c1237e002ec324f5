import type { RowFormat } from '@/lib/scan/output/row-encoder'

export type ExportFormat = { format: RowFormat; label: string; hint: string; mediaType: string }

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
