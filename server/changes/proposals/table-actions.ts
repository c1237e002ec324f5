import 'server-only'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-table-action'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { changeTableAction } from '../actions/change-table'
import { cherryPickAction } from '../actions/cherry-pick'
import { deleteRowsAction } from '../actions/delete-rows'
import { dropTableAction } from '../actions/drop-table'
import { expireAction } from '../actions/expire'
import { loadAction, toProposedLoad } from '../actions/loads/load-file'
import { loadUploadsAction, toUploadsLoad } from '../actions/loads/load-uploads'
import { publishAction } from '../actions/publish'
import { renameTableAction } from '../actions/rename-table'
import { rewriteFilesAction } from '../actions/rewrite-files'
import { undoAction } from '../actions/undo'
import { undoExpiryAction } from '../actions/undo-expiry'
import { proposable, type ProposableKinds } from './proposable'

const write = { permission: 'table:write' } as const
const maintain = { permission: 'table:maintain' } as const
const ofCommit = { toLocation: ({ table }: { table: LoadedTable }) => table.metadataLocation }
const ofReviewed = { toLocation: (_: object, { metadataLocation }: LoadedTable) => metadataLocation }

/** The actions that can be proposed for a table: a new kind gets its line here. */
export const TABLE_ACTIONS: ProposableKinds<LoadedTable, ProposedAction> = {
  'change-table': proposable(changeTableAction, { ...write, ...ofCommit, toRequested: ({ intents }) => ({ intents }) }),
  expire: proposable(expireAction, { ...maintain, ...ofCommit, toRequested: (choice) => ({ choice }) }),
  publish: proposable(publishAction, {
    ...maintain,
    ...ofCommit,
    toRequested: ({ snapshotId, branch }) => ({ snapshotId, branch }),
  }),
  'cherry-pick': proposable(cherryPickAction, {
    ...maintain,
    ...ofCommit,
    toRequested: ({ snapshotId, branch }) => ({ snapshotId, branch }),
  }),
  undo: proposable(undoAction, {
    ...maintain,
    ...ofCommit,
    toRequested: ({ auditId, safetyTag, undone }) => ({ auditId, safetyTag, undone }),
  }),
  'undo-expiry': proposable(undoExpiryAction, {
    ...maintain,
    ...ofCommit,
    toRequested: ({ auditId, newName }) => ({ auditId, newName: newName ?? undefined }),
  }),
  rename: proposable(renameTableAction, {
    ...maintain,
    ...ofReviewed,
    toRequested: ({ toNamespace, toTable }, { catalog }) => ({
      to: { catalog, namespace: toNamespace, table: toTable },
    }),
  }),
  drop: proposable(dropTableAction, { ...maintain, ...ofReviewed, toRequested: ({ isPurge }) => ({ isPurge }) }),
  'rewrite-files': proposable(rewriteFilesAction, { ...write, toRequested: () => ({}) }),
  'delete-rows': proposable(deleteRowsAction, { ...write, toRequested: ({ where, branch }) => ({ where, branch }) }),
  load: proposable(loadAction, { ...write, toRequested: toProposedLoad }),
  'load-uploads': proposable(loadUploadsAction, { ...write, toRequested: toUploadsLoad }),
}
