import type { LoadSample } from '@/lib/contract/loads/load-sample'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'

const ESTIMATED_DIGITS = 3

/** `Line 1,204`, or `About line 412,000 · byte 43.1 MiB` where the line is an estimate. */
export function sampledPosition({
  line,
  afterByte,
}: Pick<LoadSample['rejects'][number], 'line' | 'afterByte'>): string {
  if (afterByte === null) return `Line ${formatCount(line)}`
  return `About line ${formatCount(Number(line.toPrecision(ESTIMATED_DIGITS)))} · byte ${formatBytes(afterByte)}`
}
