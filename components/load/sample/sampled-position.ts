import type { LoadSample } from '@/lib/contract/loads/load-sample'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { recordPositionTitle } from '@/lib/ingest/rejects/record-position'

const ESTIMATED_DIGITS = 3

/** `Line 1,204`, `Record 57`, or `About line 412,000 · byte 43.1 MiB` where the line is an estimate. */
export function sampledPosition({
  line,
  record,
  afterByte,
}: Pick<LoadSample['rejects'][number], 'line' | 'record' | 'afterByte'>): string {
  if (afterByte === null) return recordPositionTitle({ line, record })
  return `About line ${formatCount(Number(line.toPrecision(ESTIMATED_DIGITS)))} · byte ${formatBytes(afterByte)}`
}
