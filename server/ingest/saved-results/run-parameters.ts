import 'server-only'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { RUN_PARAMETERS } from '@/lib/ingest/run-parameters'
import type { RepeatedResult } from './save-result-spec'

/** The user's parameters and those of the run, which are times with a zone. */
export function withRunParameters(
  parameters: readonly QueryParameter[],
  { slotAtMs, previousSlotAtMs }: RepeatedResult,
  runAtMs: number,
): QueryParameter[] {
  const times = { run_time: runAtMs, slot_time: slotAtMs, previous_slot_time: previousSlotAtMs ?? 0 }
  const names = new Set<string>(RUN_PARAMETERS)
  return [
    ...parameters.filter(({ name }) => !names.has(name.toLowerCase())),
    ...RUN_PARAMETERS.map((name) => toTimeParameter(name, times[name])),
  ]
}

function toTimeParameter(name: string, atMs: number): QueryParameter {
  return { name, type: 'timestamptz', isList: false, text: new Date(atMs).toISOString() }
}
