import 'server-only'
import { savedLoadKind } from '@/server/ingest/saved-loads/saved-load-kind'
import { SAVED_LOAD } from '@/server/ingest/saved-loads/saved-load-spec'
import { scheduledResultKind } from '@/server/ingest/saved-results/scheduled-result'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import type { ScheduledKinds } from '@/server/jobs/scheduled-kind'

/** The work that users can save, by the kinds of its schedules. */
export const SCHEDULED_KINDS: ScheduledKinds = { [SAVED_LOAD]: savedLoadKind, [SAVE_RESULT]: scheduledResultKind }
