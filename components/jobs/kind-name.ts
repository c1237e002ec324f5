const KIND_NAMES: Readonly<Record<string, string>> = {
  ingest: 'Ingest',
  'compression-trial': 'Trial of codecs',
  'rewrite-files': 'Rewrite of files',
  'tidy-runs': 'Cleanup',
  'tidy-warehouse': 'Warehouse cleanup',
}

/** The name of a kind of run. An unknown kind is returned as it is. */
export function kindName(kind: string): string {
  return KIND_NAMES[kind] ?? kind
}
