const KIND_NAMES: Readonly<Record<string, string>> = {
  ingest: 'Ingest',
  'check-table': 'Checks of a table',
  'compression-trial': 'Trial of codecs',
  'clone-table': 'Clone of a table',
  'count-expiry': 'Dry run of an expiry',
  'remove-expired-files': 'Removal of expired files',
  'purge-table': 'Removal of a table’s files',
  'rewrite-files': 'Rewrite of files',
  'tidy-runs': 'Cleanup',
  'tidy-warehouse': 'Warehouse cleanup',
}

/** The name of a kind of run. An unknown kind is returned as it is. */
export function kindName(kind: string): string {
  return KIND_NAMES[kind] ?? kind
}
