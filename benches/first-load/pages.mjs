const TABLE = '/catalogs/local/namespaces/demo/tables/flights'

/**
 * The measured pages. `jsTargetKb` is in KB of 1,024 bytes: the target, or what the page has reached if that is more.
 */
export const PAGES = [
  { name: 'sign-in', path: '/login', isSignedOut: true, jsTargetKb: 150 },
  { name: 'Home', path: '/' },
  { name: 'namespace', path: '/catalogs/local/namespaces/demo' },
  { name: 'table Overview', path: TABLE },
  { name: 'Data', path: `${TABLE}/data`, jsTargetKb: 345 },
  { name: 'Schema', path: `${TABLE}/schema`, jsTargetKb: 303 },
  { name: 'Layout', path: `${TABLE}/layout`, jsTargetKb: 262 },
  { name: 'Settings', path: `${TABLE}/settings` },
  { name: 'Snapshots', path: `${TABLE}/snapshots` },
  { name: 'Files', path: `${TABLE}/files` },
  { name: 'Query', path: '/query', jsTargetKb: 600 },
  { name: 'Load', path: '/ingest?catalog=local&namespace=demo&table=flights', jsTargetKb: 270 },
  { name: 'Ingestion', path: '/dashboards/ingestion' },
  { name: 'Compression', path: '/dashboards/compression' },
  { name: 'Jobs', path: '/jobs' },
].map((page) => ({ isSignedOut: false, jsTargetKb: 250, ...page }))
