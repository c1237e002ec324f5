import * as z from 'zod'
import { CHERRY_PICK_REFUSALS } from '@/lib/iceberg/operations/cherry-pick-refusal'
import { MAX_CHECK_SQL_CHARS } from '@/lib/iceberg/properties/table-checks'
import { endpoint } from '../endpoint'
import { run } from '../jobs'
import { contractSchemas } from '../shapes/schemas'
import { count, idempotencyKey, instantMs, longId, refName, tableInput } from '../shapes/wire'
import { delta } from './snapshots'

const PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/publications'

const tableCheck = z.object({ name: z.string(), sql: z.string() })

/** The result of a saved check on a snapshot. */
export const checkResult = z
  .object({
    name: z.string(),
    /** `stale`: the result is of another snapshot of the branch, or of another text of the check. */
    state: z.enum(['passed', 'failed', 'not-run', 'stale', 'unchecked']),
    staleReason: z.enum(['snapshot', 'text']).nullable(),
    checkedAtMs: instantMs.nullable(),
    durationMs: count.nullable(),
    /** Rows that break the check, as far as they were read. */
    rowCount: count.nullable(),
    /** There are more of them. */
    isTruncated: z.boolean(),
    columns: z.array(z.string()),
    /** The first rows, with values as text; null for null. */
    rows: z.array(z.array(z.string().nullable())),
    /** Rows and messages are left out, because the check reads a table that the caller may not read. */
    isHidden: z.boolean(),
    /** Why it could not run. */
    message: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'CheckResult' })
export type CheckResult = z.output<typeof checkResult>

/** Commits that readers of `main` do not see yet: the commits of a branch, or one that was staged under a WAP id. */
export const publication = z
  .object({
    branch: z.string().nullable(),
    wapId: z.string().nullable(),
    /** The tip of the branch, or the staged snapshot. */
    snapshotId: longId,
    committedAtMs: instantMs,
    /** Snapshots that it has and `main` does not, and the reverse; null when `refusal` is `unknown`. */
    aheadCount: count.nullable(),
    behindCount: count.nullable(),
    /** The rows of its own snapshots together, by their summaries; null when these are not known. */
    rows: delta,
    /**
     * Why it cannot be published now; null: it can. `unknown`: it shares no snapshot with `main` because snapshots have
     * expired, so `main` may have its changes.
     */
    refusal: z.enum(['no-main', 'diverged', 'unknown', 'checks']).nullable(),
    /**
     * Where `main` has moved on: the oldest of its own snapshots whose changes `main` does not have, and why it cannot be
     * picked. Null when `refusal` is `unknown`. The files of `main` are looked at if there are few enough; the review of
     * the cherry-pick looks at all.
     */
    nextPick: z.object({ snapshotId: longId, refusal: z.enum(CHERRY_PICK_REFUSALS).nullable() }).nullable(),
    /** Failed ones first. */
    checks: z.array(checkResult),
    /** The newest run of the checks on this snapshot. */
    run: run.nullable(),
  })
  .register(contractSchemas, { id: 'Publication' })
export type Publication = z.output<typeof publication>

export const listPublications = endpoint({
  summary:
    'Lists branches with commits of their own and staged snapshots, with the results of the saved checks on them',
  description:
    'The newest 20, or the ones at one snapshot. Checks are the properties `lakeshore.check.<name>` of the table: SQL that must return no rows.',
  method: 'GET',
  path: PATH,
  permission: 'table:read',
  input: tableInput.extend({ snapshotId: longId.optional() }),
  output: z.object({
    mainSnapshotId: longId.nullable(),
    checks: z.array(tableCheck),
    /** Whether the server runs queries, and so checks. */
    isEnabled: z.boolean(),
    totalCount: count,
    publications: z.array(publication).max(20),
  }),
})
export type Publications = z.output<typeof listPublications.output>

export const startChecks = endpoint({
  summary: 'Queues a run of the saved checks of a table on a snapshot',
  description: 'Returns the run that waits or is in progress if there is one.',
  method: 'POST',
  path: `${PATH}/checks`,
  permission: 'table:write',
  input: tableInput.extend({ snapshotId: longId }),
  output: z.object({ run }),
})

export const runDraftCheck = endpoint({
  summary: 'Runs a check that is not saved on a snapshot of a table, and returns its result',
  description:
    'Reads with the permissions of the caller, changes nothing and stores no result. It counts as a query on the server, and takes at most 45 seconds.',
  method: 'POST',
  path: `${PATH}/checks/draft`,
  permission: 'table:read',
  input: tableInput.extend({ snapshotId: longId, sql: z.string().min(1).max(MAX_CHECK_SQL_CHARS) }),
  output: checkResult
    .pick({ rowCount: true, isTruncated: true, columns: true, rows: true, message: true })
    .extend({ state: z.enum(['passed', 'failed', 'not-run']), durationMs: count }),
})
export type DraftCheckResult = z.output<typeof runDraftCheck.output>

export const publish = endpoint({
  summary: 'Fast-forwards `main` to a branch or a staged snapshot on which every saved check has passed',
  description:
    'Fails with `commit-conflict` and changes nothing when `main` or the branch has moved, or when a check has not passed on exactly this snapshot.',
  method: 'POST',
  path: PATH,
  permission: 'table:maintain',
  input: tableInput.extend({
    snapshotId: longId,
    /** The branch whose tip it is; null for a staged snapshot. */
    branch: refName.nullable(),
    /** Where the caller saw `main`. */
    mainSnapshotId: longId,
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string(), metadataLocation: z.string() }),
})
