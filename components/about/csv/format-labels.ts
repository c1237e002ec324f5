import type { InputFormat } from '@/lib/contract/shapes/input-formats'

export const FORMAT_LABELS: Readonly<Record<InputFormat, string>> = {
  csv: 'Delimited text (CSV, TSV)',
  ndjson: 'JSON lines',
  json: 'JSON array',
  parquet: 'Parquet',
  avro: 'Avro',
  arrow: 'Arrow, Feather',
}
