import type { ResultStorage } from '@/lib/client/query/query-run'
import { MAX_STORED_RUN_BYTES, STORED_RESULT_MS } from '@/lib/client/query/stored-result-marker'
import { formatBytes } from '@/lib/format/bytes'
import { formatNearbyTime } from '@/lib/format/time'

type Refusal = (ResultStorage & { kind: 'refused' })['reason']

const REASONS: Record<Refusal, string> = {
  'too-large': `the results of a run are larger than ${formatBytes(MAX_STORED_RUN_BYTES)}`,
  'no-space': 'the storage of this browser is full or blocked',
  'no-code': 'the server did not send the code that stores it',
  'reads-files': 'the query reads files',
  'reads-history': 'the query reads the collected history',
  'no-tables': 'the query reads no table',
  'not-exact': 'the rows have no exact form to store',
}

/** How long a result stays in this browser, or why it does not. */
export function storageText(storage: ResultStorage, nowMs: number, timeZone: string): string {
  if (storage.kind === 'refused') return `Not kept after a reload, because ${REASONS[storage.reason]}.`
  return `Kept in this browser until ${storageEndText(storage.atMs, nowMs, timeZone)}, or until you sign out.`
}

/** `'tomorrow 14:03'`. */
export function storageEndText(storedAtMs: number, nowMs: number, timeZone: string): string {
  return formatNearbyTime(storedAtMs + STORED_RESULT_MS, nowMs, timeZone)
}
