import 'server-only'
import type { ProposedFile, ProposedLoad } from '@/lib/contract/shapes/proposed-table-action'
import { AppError } from '@/lib/errors'
import { MAX_LOCATION_CHARS } from '@/lib/iceberg/text-limits'
import { APPEND_TO_MAIN, losesRows } from '@/lib/ingest/load-landing'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Run } from '@/server/db/jobs/runs'
import { HOW_TO_PROPOSE_A_LOAD, type IngestSpec, type InputSource } from '@/server/ingest/run/ingest-spec'
import { toIngestRun } from '@/server/ingest/run/lane/choose-lane'
import { requireWritableFormat } from '@/server/ingest/run/writable-format'
import { toRunActor } from '@/server/jobs/change-run'
import { withColumnIds } from './landing-filter'
import type { NothingReviewed, ProposableAction } from '../../pipeline/action'
import type { ChangeRequest } from '../../pipeline/change-request'
import { type CarriedOut, carryOut } from '../../pipeline/carry-out'
import { type LoadServices, toLoadOptions } from './load-uploads'
import { readStartedRun, startRun } from '../start-run'

type Load = {
  spec: IngestSpec
  /** The SHA-256 of each proposed file; null: the load is not from a proposal. */
  sha256: readonly string[] | null
}

export const loadAction: ProposableAction<LoadServices, TableIdentifier, Load, NothingReviewed, { run: Run }, null> = {
  kind: 'load',
  isHeld: true,
  // The run compares the files with their digests.
  toReviewed: () => ({}),
  async review({ catalog, signal }, on, { spec }) {
    requireWritableFormat((await catalog.loadTable(on, { signal })).metadata.formatVersion, on)
    const isLong = spec.input.some((source) => 'location' in source && source.location.length > MAX_LOCATION_CHARS)
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
    const { actor, catalog, signal, request, services } = attempt
    const { proposal } = request
    if (proposal && losesRows(spec.landing ?? APPEND_TO_MAIN)) attempt.requireTypedName(on)
    let approved = spec
    if (spec.create === null && spec.landing?.where !== undefined)
      approved = { ...spec, ...withColumnIds(spec, (await catalog.loadTable(on, { signal })).metadata) }
    if (proposal && sha256 !== null) {
      const { tableUuid } = (await catalog.loadTable(on, { signal })).metadata
      attempt.requireSame(tableUuid)
      approved = { ...approved, proposed: { proposalId: proposal.proposalId, tableUuid, sha256 } }
    }
    const run = await toIngestRun(services, on, approved, { actor: toRunActor(actor), signal })
    return { run: await startRun(attempt, on, run, 'start-run') }
  },
  repeat: async ({ services }, _on, _load, auditId) => ({ run: await readStartedRun(services, auditId) }),
}

/** The run fails when the table exists already, so that the load only adds. */
const loadNewTableAction: typeof loadAction = { ...loadAction, kind: 'load-new-table', isHeld: false }

/**
 * Queues a run that loads files. The run checks again what it may when it starts, and with its commit.
 *
 * @throws {AppError} as `carryOut` does
 */
export function loadFiles(
  services: LoadServices,
  on: TableIdentifier,
  spec: IngestSpec,
  request: ChangeRequest,
): Promise<CarriedOut<{ run: Run }>> {
  const action = spec.create === null ? loadAction : loadNewTableAction
  return carryOut(services, action, { on, input: { spec, sha256: null } }, request)
}

/** A proposed load: the run loads the files only if they have not changed since. */
export function toProposedLoad({ input, sizeBytes, sha256, otherFiles = [], ...options }: ProposedLoad): Load {
  const files: ProposedFile[] = [{ input, sizeBytes, sha256 }, ...otherFiles]
  return {
    spec: { ...toLoadOptions(options), input: files.map((file) => toInputSource(file)), create: null },
    sha256: files.map((file) => file.sha256),
  }
}

function toInputSource({ input }: ProposedFile): InputSource {
  return typeof input === 'string' ? { location: input } : { loadLocation: input.location, path: input.path }
}
