import { formatCount } from '@/lib/format/count'

/** Where a row is in its file. The record is there where several share a line. */
export type RecordPosition = { line: number; record?: number | undefined }

/** `line 1,204`, or `record 57` of a JSON array whose records share lines. */
export function recordPosition({ line, record }: RecordPosition): string {
  return record === undefined ? `line ${formatCount(line)}` : `record ${formatCount(record)}`
}

/** At the beginning of a sentence. */
export function recordPositionTitle(position: RecordPosition): string {
  const text = recordPosition(position)
  return text.charAt(0).toUpperCase() + text.slice(1)
}
