/**
 * The endpoints that pages call, with zod. It is loaded with the first request and not with the page
 * ({@link callEndpoint}): a page brings the data of its first view, so it can be shown and used before.
 */
export { call } from './call'
export {
  addGrant,
  addGroup,
  addGroupMember,
  addUser,
  changeUser,
  checkPermission,
  findMissingRequested,
  getEffectiveAccess,
  getGroup,
  getUser,
  linkIdentity,
  listAccess,
  listAccessRequests,
  listGrantHolders,
  listGrants,
  listGroupMembers,
  listGroups,
  listUsers,
  removeGrant,
  removeGroup,
  removeGroupMember,
  removeUser,
  renameGroup,
  requestAccess,
  resetPassword,
  decideAccessRequest,
  unlinkIdentity,
} from '@/lib/contract/access'
export { countAuditEntries, getAuditEntry, listAuditEntries } from '@/lib/contract/audit'
export { listAuditReceivers } from '@/lib/contract/audit-receivers'
export { listCatalogs } from '@/lib/contract/catalogs'
export { commitCherryPick, reviewCherryPick } from '@/lib/contract/table/cherry-picks'
export { commitChanges, findChange, reviewChanges } from '@/lib/contract/table/changes'
export { compareSnapshots, listDifferingFiles } from '@/lib/contract/table/comparison'
export {
  addConnection,
  changeConnection,
  getConnection,
  listConnections,
  listOwnCredentials,
  removeConnection,
  removeOwnCredentials,
  setOwnCredentials,
  testConnection,
  testConnectionForm,
} from '@/lib/contract/connections'
export { getCompression, getIngestion } from '@/lib/contract/dashboards'
export {
  getExpiryCount,
  listExpiries,
  listExpiryFiles,
  previewExpiry,
  previewExpiryUndo,
  startExpiryCount,
  undoExpiry,
} from '@/lib/contract/table/expiry'
export {
  compareMetadataFiles,
  getFile,
  listFiles,
  listManifests,
  listMetadataFiles,
  summarizeFiles,
  listObjects,
} from '@/lib/contract/table/files'
export { listHistory, previewUndo, undoAction } from '@/lib/contract/table/history'
export { getHome } from '@/lib/contract/home'
export {
  cancelRun,
  getRun,
  listRuns,
  listSchedules,
  retryRun,
  runSchedule,
  runsChangedEvent,
  setSchedule,
} from '@/lib/contract/jobs'
export { simulateLayouts } from '@/lib/contract/table/layout'
export { getMetadataTable } from '@/lib/contract/table/metadata-tables'
export {
  changeNamespaceProperties,
  createNamespace,
  dropNamespace,
  reviewNamespaceDrop,
} from '@/lib/contract/lifecycle/namespaces'
export { getNamespace, listBadges, listNamespaces, listTableSummaries, listTables } from '@/lib/contract/namespaces'
export {
  commitNamespaceProposal,
  commitProposal,
  commitViewProposal,
  getChangePolicy,
  getNamespaceProposal,
  getProposal,
  getViewProposal,
  listNamespaceProposals,
  listProposals,
  listViewProposals,
  listWaitingProposals,
  proposeChanges,
  proposeNamespaceChange,
  proposeViewChange,
  returnNamespaceProposal,
  returnProposal,
  returnViewProposal,
  setChangePolicy,
  withdrawNamespaceProposal,
  withdrawProposal,
  withdrawViewProposal,
} from '@/lib/contract/proposals'
export { listPublications, publish, startChecks } from '@/lib/contract/table/publications'
export { changeQuery, getQuery, listQueries, removeQuery, saveQuery } from '@/lib/contract/queries'
export { getQueryServer } from '@/lib/contract/query-runs'
export { listReaders } from '@/lib/contract/table/readers'
export { listRefs, previewRefDrop, previewRefMove, previewRefRetention } from '@/lib/contract/table/refs'
export { getNullShares, listPlannedFiles, scanTable } from '@/lib/contract/table/scan'
export { indexCatalog, listSearchIndexes, searchEverything, searchLake } from '@/lib/contract/search'
export { changePassword, endSession, getSession } from '@/lib/contract/session'
export { listSnapshots } from '@/lib/contract/table/snapshots'
export {
  createTable,
  findNewTable,
  registerTable,
  reviewNewTable,
  reviewRegistration,
} from '@/lib/contract/table/new-tables'
export {
  dropTable,
  listDroppedTables,
  listPurgedFiles,
  renameTable,
  restoreTable,
  reviewTableDrop,
  reviewTableRename,
} from '@/lib/contract/lifecycle/tables'
export {
  commitViewEdit,
  createView,
  dropView,
  findViewWrite,
  readViewColumns,
  renameView,
  reviewNewView,
  reviewViewDrop,
  reviewViewEdit,
  reviewViewRename,
} from '@/lib/contract/lifecycle/views'
export { getTable, getTableLayouts } from '@/lib/contract/table/tables'
export { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
export { getView, listViews } from '@/lib/contract/views'
export { getColumnStorage, getCompressionTrial, startCompressionTrial } from '@/lib/contract/table/compression'
export { reviewClone, startClone } from '@/lib/contract/table/clones'
export { getRewrite, getRewritePreview, startRewrite } from '@/lib/contract/table/rewrites'
export { listWarehouse } from '@/lib/contract/warehouse'
