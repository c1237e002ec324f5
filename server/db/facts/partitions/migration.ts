import 'server-only'

/**
 * The tables of facts by partition.
 *
 * @param text the type of text, which compares by bytes
 */
export function partitionTables({
  text,
  integer,
  end,
}: {
  text: string
  integer: string
  end: string
}): readonly string[] {
  return [
    `CREATE TABLE fact_partitions (
      table_id ${integer} NOT NULL PRIMARY KEY,
      revision ${integer} NOT NULL,
      partition_seq ${integer} NOT NULL,
      spec_id ${integer} NOT NULL,
      is_partitioned ${integer} NOT NULL,
      read_at_ms ${integer} NOT NULL,
      retry_at_ms ${integer}
    )${end}`,
    `CREATE TABLE fact_partition_days (
      table_id ${integer} NOT NULL,
      period ${integer} NOT NULL,
      partition_name ${text} NOT NULL,
      term ${text} NOT NULL,
      rows ${integer} NOT NULL,
      files ${integer} NOT NULL,
      bytes ${integer} NOT NULL,
      unread ${integer} NOT NULL,
      PRIMARY KEY (table_id, period, partition_name, term)
    )${end}`,
  ]
}
