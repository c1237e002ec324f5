import 'server-only'
import type { ProposedLoad } from '@/lib/contract/shapes/proposed-table-action'
import { AppError } from '@/lib/errors'
import { MAX_LOCATION_CHARS } from '@/lib/iceberg/text-limits'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Run } from '@/server/db/jobs/runs'
import { HOW_TO_PROPOSE_A_LOAD, type IngestSpec, toIngestTask } from '@/server/ingest/run/ingest-spec'
import { requireWritableFormat } from '@/server/ingest/run/writable-format'
import { toRunActor } from '@/server/jobs/change-run'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { type CarriedOut, carryOut } from '../pipeline/carry-out'
import { readStartedRun, startRun } from './start-run'

type Load = {
  spec: IngestSpec
  /** The SHA-256 of the proposed file; null: the load is not from a proposal. */
  sha256: string | null
}

export const loadAction: ProposableAction<ChangeServices, TableIdentifier, Load, NothingReviewed, { run: Run }, null> =
  {
    kind: 'load',
    isHeld: true,
    // The run compares the file with its digest.
    toReviewed: () => ({}),
    async review({ catalog, signal }, on, { spec }) {
      requireWritableFormat((await catalog.loadTable(on, { signal })).metadata.formatVersion, on)
      const isLong = spec.input.length > MAX_LOCATION_CHARS
      return {
        problem: isLong
          ? new AppError('too-large', `The location of a proposed file has at most ${MAX_LOCATION_CHARS} characters.`)
          : null,
        show: async () => null,
      }
    },
    proposalAdvice: HOW_TO_PROPOSE_A_LOAD,
    permissions: (on, { spec }) => [
      { permission: 'table:write', resource: on, ...(spec.create !== null && ({ isNew: true } as const)) },
    ],
    async commit(attempt, on, { spec, sha256 }) {
      const { actor, catalog, signal, request } = attempt
      const { proposal } = request
      let approved = spec
      if (proposal && sha256 !== null) {
        const { tableUuid } = (await catalog.loadTable(on, { signal })).metadata
        attempt.requireSame(tableUuid)
        approved = { ...spec, proposed: { proposalId: proposal.proposalId, tableUuid, sha256 } }
      }
      return { run: await startRun(attempt, on, toIngestTask(on, approved, toRunActor(actor)), 'start-run') }
    },
    repeat: async ({ services }, _on, _load, auditId) => ({ run: await readStartedRun(services, auditId) }),
  }

/** The run fails when the table exists already, so that the load only adds. */
const loadNewTableAction: typeof loadAction = { ...loadAction, kind: 'load-new-table', isHeld: false }

/**
 * Queues a run that loads a file. The run checks again what it may when it starts, and with its commit.
 *
 * @throws {AppError} as `carryOut` does
 */
export function loadFile(
  services: ChangeServices,
  on: TableIdentifier,
  spec: IngestSpec,
  request: ChangeRequest,
): Promise<CarriedOut<{ run: Run }>> {
  const action = spec.create === null ? loadAction : loadNewTableAction
  return carryOut(services, action, { on, input: { spec, sha256: null } }, request)
}

/** A proposed load: the run loads the file only if it has not changed since. */
export function toProposedLoad({ input, format, ignoreExtra, maxRejectedRows, sha256 }: ProposedLoad): Load {
  return { spec: { input, format, ignoreExtra, maxRejectedRows, create: null }, sha256 }
}
