import 'server-only'
import type { Generated } from 'kysely'

/** The index of search, in the form of `Tables`. */
export type SearchTables = {
  /** Namespaces, tables and views that search finds. */
  search_objects: {
    id: Generated<number>
    catalog: string
    namespace: string
    /** Empty for a namespace. */
    name: string
    kind: 'namespace' | 'table' | 'view'
    /** The name without case and accents. */
    folded: string
    /** The text that search matches. */
    text: string
    /** Null: it was listed, and its metadata could not be read. */
    metadata_location: string | null
    changed_at_ms: number | null
    is_cut: number
    /** The size of the current snapshot of a table; null: not known. */
    live_bytes: number | null
    data_file_count: number | null
  }
  /** The entries of an object. */
  search_entries: {
    id: Generated<number>
    object_id: number
    kind: string
    name: string
    folded: string
    /** Null: it is found by the beginning of its name only. */
    text: string | null
    detail: string | null
    target: string | null
  }
  /** Objects that have changed since they were indexed. */
  search_pending: {
    catalog: string
    namespace: string
    name: string
    version: number
    attempts: number
    due_at_ms: number
  }
  /** When each catalog was read completely. `source`: the connection. */
  search_catalogs: { catalog: string; source: string; crawled_at_ms: number; is_cut: number }
}
