import 'server-only'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'

type Properties = Readonly<Record<string, string>>

/** Evidence of whether a write to a catalog was made. A metadata location is null if it is unknown. */
export type WriteEvidence =
  | { kind: 'commits'; commits: readonly CommitEvidence[] }
  /** `metadataLocation`: of an entry that was registered. */
  | { kind: 'created'; entry: TableIdentifier | ViewIdentifier; metadataLocation: string | null }
  | { kind: 'dropped'; entry: TableIdentifier | ViewIdentifier; metadataLocation: string | null }
  | {
      kind: 'renamed'
      from: TableIdentifier | ViewIdentifier
      to: TableIdentifier | ViewIdentifier
      metadataLocation: string | null
    }
  | { kind: 'view-replaced'; view: ViewIdentifier; metadataLocation: string }
  /** `before` is null when the namespace is created, `after` when it is dropped. */
  | { kind: 'namespace'; namespace: Namespace; before: Properties | null; after: Properties | null }

export type CommitEvidence = {
  identifier: TableIdentifier
  /** The version that the commit replaces; null when it creates the table. */
  base: { metadataLocation: string; tableUuid: string } | null
  /** Ids of its new snapshots, which only this commit can add. */
  snapshotIds: readonly string[]
  /** The change as the JSON text that was sent; null when it is too long to be stored. */
  change: string | null
}
