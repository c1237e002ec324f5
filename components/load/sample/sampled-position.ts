import type { LoadSample } from '@/lib/contract/loads/load-sample'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'

/** `Line 1,204`, or `After the first 43.1 MiB` where the line is not known. */
export function sampledPosition({
  line,
  afterByte,
}: Pick<LoadSample['rejects'][number], 'line' | 'afterByte'>): string {
  return line === null ? `After the first ${formatBytes(afterByte ?? 0)}` : `Line ${formatCount(line)}`
}
