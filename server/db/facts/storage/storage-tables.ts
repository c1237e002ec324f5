import 'server-only'

/** The bytes of tables by part and by column, in the form of `Tables`. Days are counted since 1970-01-01, in UTC. */
export type StorageTables = {
  /** How far the storage of each history has been measured. */
  fact_storage: {
    table_id: number
    /** Increased by each change of the row. */
    revision: number
    /** The version that was measured; null: the table was dropped. */
    metadata_location: string | null
    measured_at_ms: number
    /** When more of its footers are read, or those that failed; null: not before it has another version. */
    retry_at_ms: number | null
    /** The day of the newest measurement. */
    period: number
    data_files: number
    read_files: number
    unreadable_files: number
    /** Avro and ORC files, whose footers say nothing of columns. */
    other_format_files: number
    /** 1: plain sizes are partly estimated. */
    is_estimated: number
    /** Columns of the files that were read. */
    column_count: number
    /** The value of `write.parquet.compression-codec`; null: it is not set. */
    codec: string | null
    /** The value of `write.target-file-size-bytes`, or its default; null: the table was dropped. */
    target_file_bytes: number | null
    /** Pages in the codec that is set for their column, and all of those whose column has one. Null: none has. */
    as_set_bytes: number | null
    set_bytes: number | null
    /** Why files could not be read: the first reason. */
    problem: string | null
  }
  /** The bytes of each table by `StoragePart`. */
  fact_parts: PartColumns & { table_id: number }
  /** By how much they changed on each day, for tables and for whole catalogs. */
  fact_part_days: PartColumns & { table_id: number; period: number }
  fact_lake_part_days: PartColumns & { catalog: string; period: number }
  /**
   * Columns with the most bytes, and the sum of all others as field 0, in the files of a table that were read. All
   * other columns have an empty name.
   */
  fact_column_sizes: SizeColumns & {
    table_id: number
    field_id: number
    /** The path, joined by dots. */
    column_name: string
    type: string
    /** 1: the plain size is partly estimated. */
    is_estimated: number
    /** JSON: stored bytes by codec, most first. */
    codecs: string
    /** JSON: names of the encodings of values, most frequent first. */
    encodings: string
    /** Null: it has no dictionary. `fallback`: some pages do not use it; `unknown`: the footers do not say. */
    dictionary: 'all' | 'fallback' | 'unknown' | null
  }
  /** By how much they changed on each day. */
  fact_column_days: SizeColumns & { table_id: number; field_id: number; period: number }
  /** The data files whose footers were read, while they are live. */
  fact_files: {
    table_id: number
    /** A digest of the location. */
    file_key: string
    read_at_ms: number
    /** JSON: `FileFooter`; null: it could not be read. */
    footer: string | null
    problem: string | null
    /** As the footer names it; empty: it does not. Null: it was not read. */
    created_by: string | null
    /** When the file was committed, as far as that is known. */
    committed_at_ms: number | null
  }
  /** The files of each table whose footers were read, by `StorageCut`. */
  fact_storage_cuts: SizeColumns & { table_id: number; cut: string; name: string }
}

type SizeColumns = { stored_bytes: number; encoded_bytes: number; plain_bytes: number }
type PartColumns = SizeColumns & { part: string }
