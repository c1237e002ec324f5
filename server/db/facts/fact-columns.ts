import 'server-only'

/** The history of tables: facts about their commits, in the form of `Tables`. Namespaces are joined by `joinNamespace`. */
export type FactTables = {
  /** Each table whose history is collected, and how far it has come. A new table under an old name is another one. */
  fact_tables: {
    id: number
    catalog: string
    namespace: string
    table_name: string
    table_uuid: string
    /** The newest version in the history; null: the table was dropped. */
    metadata_location: string | null
    /** JSON: `KnownVersion`. */
    version: string
    /** Increased by each change of the row. */
    revision: number
    /** The newest row of the history. */
    seq: number
    last_at_ms: number
    total_rows: number
    total_files: number
    total_bytes: number
    total_delete_files: number
    total_position_deletes: number
    total_equality_deletes: number
    first_read_at_ms: number
    read_at_ms: number
    dropped_at_ms: number | null
    /** The rhythm: the newest commit to `main`, JSON of the times of the newest loads, and the median between these. */
    last_commit_ms: number | null
    loads: string
    usual_interval_ms: number | null
    /** 1: a table of the demo lake. */
    is_demo: number
  }
  /** Changes of tables of our own catalog that are not in the histories yet, written in the transaction of the change. */
  fact_changes: {
    /** By the database's clock: the order of the changes. */
    recorded_at_ms: number
    id: string
    catalog: string
    namespace: string
    table_name: string
    kind: 'version' | 'renamed' | 'dropped'
    at_ms: number
    table_uuid: string | null
    /** The metadata files before and after the change. */
    from_location: string | null
    to_location: string | null
    /** JSON: `VersionDescription`, or the new name. Null if the description is too long: the files say it. */
    detail: string | null
    attempts: number
  }
  /** The rows of histories. Amounts are null when they are unknown. */
  fact_commits: {
    table_id: number
    seq: number
    kind: string
    at_ms: number
    stated_at_ms: number | null
    snapshot_id: string | null
    entered_at_ms: number | null
    operation: string | null
    writer_id: number | null
    branch: string | null
    reason: string | null
    rows_added: number | null
    rows_removed: number | null
    files_added: number | null
    files_removed: number | null
    bytes_added: number | null
    bytes_removed: number | null
  }
  /** The deletes of those rows that have any. */
  fact_deletes: {
    table_id: number
    seq: number
    files_added: number | null
    files_removed: number | null
    position_deletes_added: number | null
    position_deletes_removed: number | null
    equality_deletes_added: number | null
    equality_deletes_removed: number | null
  }
  /** How those commits came about of which something is known; null: not known. */
  fact_details: {
    table_id: number
    seq: number
    /** The run of ours that committed, and the query of the engine. */
    run_id: string | null
    query_id: string | null
    /** The bytes that a load read. */
    input_bytes: number | null
    /** How long our catalog took for the commit, and how often it began again because another writer was first. */
    duration_ms: number | null
    retries: number | null
  }
  /** Sums of each table by hour, by day and by month, and of each catalog by hour and by day. */
  fact_hours: TableSumColumns
  fact_days: TableSumColumns
  fact_months: Omit<TableSumColumns, 'writer_id'>
  fact_lake_hours: Omit<TableSumColumns, 'table_id'> & { catalog: string }
  fact_lake_days: Omit<TableSumColumns, 'table_id'> & { catalog: string }
  /** The data files that commits brought by day, by `toSizeBucket` of their mean size, of tables and of catalogs. */
  fact_size_days: SizeColumns & { table_id: number }
  fact_lake_size_days: SizeColumns & { catalog: string }
  /** Changes that move no rows, and causes of rows that moved. */
  fact_events: {
    id: string
    table_id: number
    at_ms: number
    kind: string
    detail: string
    /** The bytes of files that only expired snapshots had, and that a run removed. */
    freed_bytes: number | null
  }
  /** The writers of commits. The id is a digest of the other columns; an empty text is not known. */
  fact_writers: {
    id: number
    engine: string
    library: string
    application: string
    username: string
    client: string
  }
  /** The newest comparison of each history with its table. */
  fact_checks: {
    table_id: number
    checked_at_ms: number
    /** The version that was compared; null: the table was dropped. */
    metadata_location: string | null
    /** Names the other side of the comparison: the files of the table, or only the sums of its own rows. */
    compared_with: 'files' | 'sums'
    /** How much more the history has; null: it was not compared. */
    rows_off: number | null
    files_off: number | null
    bytes_off: number | null
  }
  /** How current the history of each catalog is, by the database's clock. */
  fact_catalogs: {
    catalog: string
    /** The last attempt to read the catalog. */
    polled_at_ms: number
    /** The newest response; null: it has never answered. */
    answered_at_ms: number | null
    /** The newest time at which each table had been read within its interval; null: there was none yet. */
    complete_at_ms: number | null
    /** The last list of its tables that reached every namespace which the credentials may list. */
    listed_at_ms: number | null
    /** How many tables it listed last. */
    table_count: number | null
    /** Tables whose last reading failed. */
    unread_count: number
    /** Tables that are due and were not read yet. */
    late_count: number
    /** 1: it has more tables than are read. */
    is_truncated: number
    /** Why it cannot be read now: an error code, and a sentence. Null: it answers. */
    problem_code: string | null
    problem: string | null
  }
  /** Work that one process does at a time. */
  fact_leases: { name: string; owner: string; until_ms: number }
}

/** Sums of facts by time, term, operation and writer; an empty operation and writer 0 are not known. */
type TableSumColumns = {
  /** Hours, days or months since 1970-01-01, in UTC. */
  period: number
  table_id: number
  term: string
  operation: string
  writer_id: number
  commits: number
  rows: number
  files: number
  bytes: number
}

type SizeColumns = { period: number; bucket: number; commits: number; files: number }
