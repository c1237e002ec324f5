import 'server-only'

/** Facts by partition, in the form of `Tables`. Days are counted since 1970-01-01, in UTC. */
export type PartitionTables = {
  /** How far the facts of each history have been read by partition. */
  fact_partitions: {
    table_id: number
    /** Increased by each change of the row. */
    revision: number
    /** The last row of the history that was read. */
    partition_seq: number
    /** The default partition spec of the version that was read. */
    spec_id: number
    /** 0: no spec of the table has a field, so it has no rows in the days. */
    is_partitioned: number
    read_at_ms: number
    /** After a failure: when it is read again. */
    retry_at_ms: number | null
  }
  /** The sums of `fact_days` by partition. An empty name: the others, and facts whose partitions are not known. */
  fact_partition_days: {
    table_id: number
    period: number
    partition_name: string
    term: string
    rows: number
    files: number
    bytes: number
    /** The facts among them whose partitions are not known. */
    unread: number
  }
}
