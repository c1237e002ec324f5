import 'server-only'
import type { Change } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { scheduleStateChange } from '@/server/db/jobs/schedules'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { parseIngestOutcome } from './ingest-outcome'

/** How far the schedule of a run has come with it, for the transaction of its success. */
export function scheduleStateChanges({ scheduleId }: Pick<Run, 'scheduleId'>, outcome: JsonObject): readonly Change[] {
  const { scheduleState } = parseIngestOutcome(outcome)
  return scheduleId === null || scheduleState === null ? [] : [scheduleStateChange(scheduleId, scheduleState)]
}
