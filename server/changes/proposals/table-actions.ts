import 'server-only'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { AppError } from '@/lib/errors'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { requireKnownRef } from '@/lib/changes/intents/plan-ref-move'
import { MAX_LOCATION_CHARS } from '@/lib/iceberg/text-limits'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { requirePermission } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { requireAbility } from '@/server/catalog/require-ability'
import { requireWritableFormat } from '@/server/ingest/run/writable-format'
import { findPurgeProblem } from '@/server/lifecycle/purge-problem'
import { planUndo } from '@/server/table/commit/undo-plan'
import { snapshotById } from '@/server/table/commit/snapshot-files'
import { requireNoSecrets } from '@/server/table/mask-properties'
import { requireUnprotected } from '@/server/table/protection'
import { commitIntents } from '../actions/change-table'
import { commitCherryPick, planCherryPick } from '../actions/cherry-pick'
import { dropTable } from '../actions/drop-table'
import { expire, planChosenExpiry } from '../actions/expire'
import { loadProposedFile } from '../actions/load-file'
import { publish, requireForward } from '../actions/publish'
import { renameTable } from '../actions/rename-table'
import { rewriteFiles } from '../actions/rewrite-files'
import { undo } from '../actions/undo'
import { requireExpiryUndoFits, undoExpiry } from '../actions/undo-expiry'
import { type Committed, type ProposableKinds, requireReviewed } from './proposable'
import { requireIntentsFit } from './require-intents-fit'

/** The actions that can be proposed for a table: a new kind gets its line here. */
export const TABLE_ACTIONS: ProposableKinds<LoadedTable, ProposedAction> = {
  'change-table': {
    permission: 'table:write',
    async requireFits({ keys }, { metadata }, { intents }) {
      requireNoSecrets(intents)
      requireIntentsFit(keys, metadata, intents)
    },
    async carryOut(services, { identifier }, { intents }, reviewed, request) {
      const { requestDigest } = requireReviewed(reviewed, 'change-table')
      return toCommitted(await commitIntents(services, identifier, intents, { ...request, requestDigest }))
    },
  },
  expire: {
    permission: 'table:maintain',
    async requireFits({ database }, { metadata }, action) {
      if (planChosenExpiry(metadata, action, database.nowMs()) === null)
        throw new AppError('invalid-request', 'Nothing would expire, so there is nothing to propose.')
    },
    async carryOut(services, { identifier }, choice, reviewed, request) {
      const { intent, nowMs } = requireReviewed(reviewed, 'expire')
      return toCommitted(await expire(services, identifier, { choice, nowMs, intent }, request))
    },
  },
  publish: {
    permission: 'table:maintain',
    async requireFits(_, { metadata }, { snapshotId, branch }) {
      if (branch !== null && requireKnownRef(metadata, branch).snapshotId !== snapshotId)
        throw new AppError('commit-conflict', `${branch} has moved. Look at it again and propose that.`)
      snapshotById(metadata, snapshotId)
      requireForward(metadata, requireKnownRef(metadata, MAIN_BRANCH).snapshotId, snapshotId)
    },
    async carryOut(services, { identifier }, { snapshotId, branch }, reviewed, request) {
      const { mainSnapshotId } = requireReviewed(reviewed, 'publish')
      return toCommitted(await publish(services, identifier, { snapshotId, branch, mainSnapshotId }, request))
    },
  },
  'cherry-pick': {
    permission: 'table:maintain',
    async requireFits({ manifestCache }, table, action, { signal }) {
      await planCherryPick(manifestCache, table, action, signal)
    },
    async carryOut(services, { identifier }, { snapshotId, branch }, reviewed, request) {
      const { tipSnapshotId, allowsUnknownAncestry } = requireReviewed(reviewed, 'cherry-pick')
      const pick = { snapshotId, branch, tipSnapshotId, allowsUnknownAncestry }
      return toCommitted(await commitCherryPick(services, identifier, pick, request))
    },
  },
  undo: {
    permission: 'table:maintain',
    async requireFits(services, { identifier, metadata }, { auditId, undone, safetyTag }, { actor, signal }) {
      const { entry, intents } = await planUndo(services, identifier, auditId, { safetyTag, actor, signal })
      if (entry.action !== undone)
        throw new AppError('invalid-request', `That entry of the history is not ${undone}, but ${entry.action}.`)
      requireIntentsFit(services.keys, metadata, intents)
    },
    // The entry says what its undo changes, and the commit checks that nothing else has changed that since.
    carryOut: async (services, { identifier }, { auditId, safetyTag }, _, request) =>
      toCommitted(await undo(services, identifier, auditId, { ...request, safetyTag })),
  },
  'undo-expiry': {
    permission: 'table:maintain',
    requireFits: (services, { identifier }, action, request) =>
      requireExpiryUndoFits(services, identifier, action, request),
    carryOut: async (services, { identifier }, { auditId, newName }, _, request) =>
      toCommitted(await undoExpiry(services, identifier, { auditId, newName: newName ?? undefined }, request)),
  },
  rename: {
    permission: 'table:maintain',
    async requireFits({ catalogs }, table, action, { actor, signal }) {
      const { identifier } = table
      const to = renamed(identifier, action)
      // Before anything is looked up there: the name may be where the user sees nothing.
      requirePermission(actor, 'table:propose', to, { isNew: true })
      const catalog = await catalogs.open(identifier.catalog, actor)
      await requireAbility(catalog, 'rename-table', signal)
      requireUnprotected(table)
      if (isSameTable(identifier, to)) throw new AppError('invalid-request', 'The table has this name already.')
      const problem = await findNameProblem(catalog, 'table', to, signal)
      if (problem !== null) throw new AppError('invalid-request', problem)
    },
    async carryOut(services, { identifier, metadataLocation }, action, _, request) {
      const { auditId } = await renameTable(services, identifier, renamed(identifier, action), request)
      return { auditId, metadataLocation }
    },
  },
  drop: {
    permission: 'table:maintain',
    async requireFits(services, table, { isPurge }, { actor, signal }) {
      const { identifier } = table
      const catalog = await services.catalogs.open(identifier.catalog, actor)
      await requireAbility(catalog, isPurge ? 'purge-table' : 'drop-table', signal)
      requireUnprotected(table)
      const problem = isPurge
        ? await findPurgeProblem(services, { catalog, identifier, table }, { actor, signal })
        : null
      if (problem !== null) throw new AppError('invalid-request', problem)
    },
    async carryOut(services, { identifier }, { isPurge }, reviewed, request) {
      const { metadataLocation } = requireReviewed(reviewed, 'drop')
      const { auditId } = await dropTable(services, identifier, { isPurge, metadataLocation }, request)
      return { auditId, metadataLocation }
    },
  },
  'rewrite-files': {
    permission: 'table:write',
    // Which files differ is found by the run.
    requireFits: async () => {},
    async carryOut(services, { identifier }, _action, _reviewed, request) {
      const { auditId } = await rewriteFiles(services, identifier, request)
      return { auditId, metadataLocation: null }
    },
  },
  load: {
    permission: 'table:write',
    // The run compares the file.
    async requireFits(_, { identifier, metadata }, { input }) {
      requireWritableFormat(metadata.formatVersion, identifier)
      if (input.length > MAX_LOCATION_CHARS)
        throw new AppError('too-large', `The location of a proposed file has at most ${MAX_LOCATION_CHARS} characters.`)
    },
    async carryOut(services, { identifier }, load, _reviewed, request) {
      const { auditId } = await loadProposedFile(services, identifier, load, request)
      return { auditId, metadataLocation: null }
    },
  },
}

function renamed(
  { catalog }: TableIdentifier,
  { toNamespace, toTable }: Extract<ProposedAction, { kind: 'rename' }>,
): TableIdentifier {
  return { catalog, namespace: toNamespace, table: toTable }
}

function toCommitted({ auditId, table }: { auditId: string; table: LoadedTable }): Committed {
  return { auditId, metadataLocation: table.metadataLocation }
}
