/**
 * Endpoints that send something and have no descriptor, by the reason: they do not write a table, a view, a namespace,
 * a ref or files of the lake.
 */
export const EXCLUDED_ENDPOINTS: Readonly<Record<string, readonly string[]>> = {
  'It is a review, which the page sends as a POST because it is long, and changes nothing.': [
    'reviewNewTable',
    'reviewRegistration',
    'reviewClone',
    'reviewNewView',
    'reviewViewEdit',
    'reviewChanges',
    'previewExpiry',
    'listExpiryFiles',
    'readViewColumns',
  ],
  'It asks what became of a request, and sends nothing again.': ['findNewTable', 'findViewWrite', 'findChange'],
  'It computes from the table and stores nothing in it.': ['simulateLayouts', 'scanTable', 'compareSnapshots'],
  'It queues a run that reads the table and stores what it found with the run.': [
    'startCompressionTrial',
    'startExpiryCount',
    'startChecks',
  ],
  'It closes a proposal, which is a row of the console; server/proposals tests it.': [
    'returnProposal',
    'withdrawProposal',
    'returnViewProposal',
    'withdrawViewProposal',
    'returnNamespaceProposal',
    'withdrawNamespaceProposal',
  ],
  'It stops, repeats or times a run whose kind has the verb; server/jobs tests it.': [
    'cancelRun',
    'retryRun',
    'setSchedule',
    'runSchedule',
  ],
  'It queues a run whose commits, proposals and undos are those of single tables; server/changes/bulk tests it.': [
    'startBulkChange',
    'runBulkChange',
  ],
  'It is about queries, which read.': ['saveQuery', 'changeQuery', 'removeQuery', 'runQueryOnServer', 'runDraftCheck'],
  'It is about the search index, which follows the lake.': ['indexCatalog'],
  'It is about how other catalogs are reached, not about what is in them.': [
    'addConnection',
    'changeConnection',
    'removeConnection',
    'testConnection',
    'testConnectionForm',
    'setOwnCredentials',
    'removeOwnCredentials',
  ],
  'It is about what a user finds quickly, which is theirs alone; server/search/shortcuts.test.ts tests it.': [
    'setFavourite',
    'recordVisit',
  ],
  'It is about people and what they may do.': [
    'addGrant',
    'removeGrant',
    'checkPermission',
    'addGroup',
    'renameGroup',
    'removeGroup',
    'addGroupMember',
    'removeGroupMember',
    'requestAccess',
    'decideAccessRequest',
    'addUser',
    'changeUser',
    'resetPassword',
    'linkIdentity',
    'unlinkIdentity',
    'removeUser',
    'createToken',
    'revokeToken',
    'endSession',
    'changePassword',
  ],
}

/** The suite proposes and commits each verb that can be proposed with these. */
export const PROPOSAL_ENDPOINTS = [
  'proposeChanges',
  'commitProposal',
  'proposeViewChange',
  'commitViewProposal',
  'proposeNamespaceChange',
  'commitNamespaceProposal',
] as const
