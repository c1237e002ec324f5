/** A change of a table that moves no rows, or the cause of rows that moved. Times are in milliseconds since 1970. */
export type TableEvent = { atMs: number } & (
  | { kind: 'schema' | 'partition-spec' | 'sort-order' | 'format-version'; fromId: number; toId: number }
  /** `names`: the first fifty by name. */
  | { kind: 'properties'; names: readonly string[]; count: number }
  /** Null: the ref did not exist before, or does not exist after. */
  | { kind: 'ref'; name: string; type: 'branch' | 'tag'; fromId: string | null; toId: string | null }
  /** How many snapshots expired; at least so many when others were added since the last reading. */
  | { kind: 'expiry'; count: number; isAtLeast: boolean }
  /** `count`: how many commits `main` no longer has. */
  | { kind: 'rollback'; fromId: string | null; toId: string; count: number }
  /** `toId` null: the table has no snapshot. */
  | { kind: 'replaced'; fromId: string | null; toId: string | null }
  /** The files that only expired snapshots had were removed. */
  | { kind: 'freed'; files: number; bytes: number }
  | { kind: 'renamed'; from: string; to: string }
  | { kind: 'dropped' | 'restored' }
)
