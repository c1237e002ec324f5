import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Run } from '@/server/db/jobs/runs'
import { HOW_TO_LOAD_WITH_TWO } from '@/server/ingest/run/ingest-spec'
import { requireNamedFiles } from '@/server/ingest/run/location-sources'
import type { Action } from '../../pipeline/action'
import { readStartedRun } from '../start-run'
import { type LoadServices, queueLoad, type RequestedLoad } from './load-uploads'

/**
 * Queues a run that loads files of load locations and of URLs, and perhaps uploads. It cannot be proposed: a proposal loads what its
 * reviewers saw, and these files can change.
 */
export const loadLocationsAction: Action<LoadServices, TableIdentifier, RequestedLoad, { run: Run }> = {
  kind: 'load-locations',
  isHeld: true,
  proposalAdvice: HOW_TO_LOAD_WITH_TWO,
  permissions: (on) => [{ permission: 'table:write', resource: on }],
  commit: async (attempt, on, load) => {
    for (const input of load.inputs) if (!('uploadId' in input)) requireNamedFiles(attempt.services.config, input)
    return queueLoad(attempt, on, load)
  },
  repeat: async ({ services }, _on, _load, auditId) => ({ run: await readStartedRun(services, auditId) }),
}
