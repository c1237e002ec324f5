const TABLE = '/catalogs/local/namespaces/demo/tables/flights'

/** The measured pages. `jsTargetKb` is in KB of 1,024 bytes. */
export const PAGES = [
  { name: 'sign-in', path: '/login', isSignedOut: true, jsTargetKb: 150 },
  { name: 'Home', path: '/' },
  { name: 'namespace', path: '/catalogs/local/namespaces/demo' },
  { name: 'table Overview', path: TABLE },
  { name: 'Data', path: `${TABLE}/data` },
  { name: 'Settings', path: `${TABLE}/settings` },
  { name: 'Snapshots', path: `${TABLE}/snapshots` },
  { name: 'Files', path: `${TABLE}/files` },
  { name: 'Query', path: '/query' },
  { name: 'Ingestion', path: '/dashboards/ingestion' },
  { name: 'Compression', path: '/dashboards/compression' },
  { name: 'Jobs', path: '/jobs' },
].map((page) => ({ isSignedOut: false, jsTargetKb: 250, ...page }))
