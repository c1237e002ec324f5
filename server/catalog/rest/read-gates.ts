import 'server-only'
import { AppError } from '@/lib/errors'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { gatedStore } from '@/server/storage/guarded-store'
import type { ObjectStore } from '@/server/storage/object-store'
import { LRUCache } from 'lru-cache'
import { gateFormat } from '../format-gate'
import type { LoadedTable } from '../port/loaded-table'

const MAX_GATES = 10_000
/** A summary may count files for each partition, under a key with the partition's values. */
const PARTITION_SUMMARY_PREFIX = 'partitions.'

/**
 * Whether the catalog restricts what one client may read of a table, by its newest response. Restrictions apply to the
 * principal that they were sent to, so clients do not share gates.
 */
type ReadGate = { isRestricted: boolean; requireReadable: () => void }

/**
 * The gates that all reads of a connection's files pass. Lakeshore applies no restrictions, so a restricted table has
 * metadata and no files: its store refuses to read, list and write, and `LoadedTable.requireReadable` throws. A table
 * that was loaded before it became restricted is refused, too.
 *
 * Spec: REST `open-api`, operation `loadTable`, schema `ReadRestrictions`.
 */
export class ReadGates {
  readonly #gates = new LRUCache<string, ReadGate>({ max: MAX_GATES })

  /** Takes over what a response of the catalog says. */
  record(identifier: TableIdentifier, isRestricted: boolean): void {
    this.#gateOf(identifier).isRestricted = isRestricted
  }

  /** The store behind the table's gate, which it asks before each use. */
  guard(identifier: TableIdentifier, store: ObjectStore): ObjectStore {
    return gatedStore(store, () => this.#gateOf(identifier).requireReadable())
  }

  /**
   * The table as the newest response lets the client see it: behind the gate, or without files and without values of
   * partitions.
   */
  pass(loaded: LoadedTable): LoadedTable {
    const table = gateFormat(loaded)
    const { isRestricted, requireReadable } = this.#gateOf(table.identifier)
    if (!isRestricted) return { requireReadable, ...table }
    // It stays restricted, even when a later response lifts the restriction for tables that are loaded after it.
    const refuse = () => {
      throw readRestrictedError(table.identifier)
    }
    const { metadata, store } = table
    return {
      ...table,
      metadata: withoutPartitionSummaries(metadata),
      store: gatedStore(store, refuse),
      requireReadable: refuse,
    }
  }

  #gateOf(identifier: TableIdentifier): ReadGate {
    const { namespace, table } = identifier
    const key = JSON.stringify([...namespace, table])
    const known = this.#gates.get(key)
    if (known) return known
    const gate: ReadGate = {
      isRestricted: false,
      requireReadable() {
        if (gate.isRestricted) throw readRestrictedError(identifier)
      },
    }
    this.#gates.set(key, gate)
    return gate
  }
}

/** Its other values are counts and sizes that the catalog itself sent. */
function withoutPartitionSummaries(metadata: TableMetadata): TableMetadata {
  return { ...metadata, snapshots: metadata.snapshots.map(withoutPartitionSummary) }
}

function withoutPartitionSummary(snapshot: Snapshot): Snapshot {
  const entries = Object.entries(snapshot.summary)
  const shown = entries.filter(([name]) => !name.startsWith(PARTITION_SUMMARY_PREFIX))
  return shown.length === entries.length ? snapshot : { ...snapshot, summary: Object.fromEntries(shown) }
}

function readRestrictedError({ namespace, table }: TableIdentifier): AppError {
  return new AppError(
    'read-restricted',
    `The catalog restricts which rows or columns of ${namespaceLabel(namespace)}.${table} may be read, and Lakeshore does not apply such restrictions, so it opens no files of this table.`,
  )
}
