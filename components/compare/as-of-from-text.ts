import type { AsOf } from '@/lib/iceberg/as-of'
import { snapshotIdProblem } from '@/lib/paths'

/** Like `asOfText`, the other way round; null if the text is not one. */
export function asOfFromText(text: string): AsOf | null {
  const [, kind, value = ''] = /^(ref|snapshot|at):(.+)$/s.exec(text) ?? []
  if (kind === 'ref') return { ref: value }
  if (kind === 'snapshot') return snapshotIdProblem(value) === null ? { snapshotId: value } : null
  return kind === 'at' && /^-?\d{1,16}$/.test(value) ? { atMs: Number(value) } : null
}
