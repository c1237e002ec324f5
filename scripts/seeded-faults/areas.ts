/**
 * Where faults are seeded: the code whose mistakes damage tables or let an intruder in. Every area gets the same number
 * of faults. `permissionsIn` are further files in which only the named permissions are changed.
 */
export type Area = { name: string; roots: readonly string[]; permissionsIn?: readonly string[] }

export const AREAS: readonly Area[] = [
  { name: 'metadata', roots: ['lib/iceberg/metadata', 'lib/iceberg/commit'] },
  { name: 'operations', roots: ['lib/iceberg/manifest', 'lib/iceberg/operations'] },
  { name: 'schemas and partitioning', roots: ['lib/iceberg/schema', 'lib/iceberg/partitioning'] },
  { name: 'commits', roots: ['server/table/commit', 'server/changes'] },
  { name: 'embedded catalog', roots: ['server/catalog/embedded'] },
  {
    name: 'permissions',
    roots: ['server/auth', 'server/access', 'lib/permissions.ts'],
    permissionsIn: ['lib/contract', 'server/endpoints', 'server/iceberg-rest'],
  },
  { name: 'data files', roots: ['server/data-files', 'lib/parquet', 'server/parquet'] },
  { name: 'scans', roots: ['lib/scan'] },
]
