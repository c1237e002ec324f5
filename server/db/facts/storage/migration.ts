import 'server-only'

/**
 * The tables of the bytes of tables by part and by column, now and by day.
 *
 * @param text the type of text, which compares by bytes
 */
export function storageTables({
  text,
  integer,
  end,
}: {
  text: string
  integer: string
  end: string
}): readonly string[] {
  return [
    `CREATE TABLE fact_storage (
      table_id ${integer} NOT NULL PRIMARY KEY,
      revision ${integer} NOT NULL,
      metadata_location ${text},
      measured_at_ms ${integer} NOT NULL,
      retry_at_ms ${integer},
      period ${integer} NOT NULL,
      data_files ${integer} NOT NULL,
      read_files ${integer} NOT NULL,
      unreadable_files ${integer} NOT NULL,
      other_format_files ${integer} NOT NULL,
      is_estimated ${integer} NOT NULL,
      column_count ${integer} NOT NULL,
      codec ${text},
      target_file_bytes ${integer},
      as_set_bytes ${integer},
      set_bytes ${integer},
      problem ${text}
    )${end}`,
    'CREATE INDEX fact_storage_retries ON fact_storage (retry_at_ms) WHERE retry_at_ms IS NOT NULL',
    `CREATE TABLE fact_parts (
      table_id ${integer} NOT NULL,
      part ${text} NOT NULL,
      stored_bytes ${integer} NOT NULL,
      encoded_bytes ${integer} NOT NULL,
      plain_bytes ${integer} NOT NULL,
      PRIMARY KEY (table_id, part)
    )${end}`,
    `CREATE TABLE fact_part_days (
      table_id ${integer} NOT NULL,
      period ${integer} NOT NULL,
      part ${text} NOT NULL,
      stored_bytes ${integer} NOT NULL,
      encoded_bytes ${integer} NOT NULL,
      plain_bytes ${integer} NOT NULL,
      PRIMARY KEY (table_id, period, part)
    )${end}`,
    `CREATE TABLE fact_lake_part_days (
      period ${integer} NOT NULL,
      catalog ${text} NOT NULL,
      part ${text} NOT NULL,
      stored_bytes ${integer} NOT NULL,
      encoded_bytes ${integer} NOT NULL,
      plain_bytes ${integer} NOT NULL,
      PRIMARY KEY (period, catalog, part)
    )${end}`,
    `CREATE TABLE fact_column_sizes (
      table_id ${integer} NOT NULL,
      field_id ${integer} NOT NULL,
      column_name ${text} NOT NULL,
      type ${text} NOT NULL,
      stored_bytes ${integer} NOT NULL,
      encoded_bytes ${integer} NOT NULL,
      plain_bytes ${integer} NOT NULL,
      is_estimated ${integer} NOT NULL,
      codecs ${text} NOT NULL,
      encodings ${text} NOT NULL,
      dictionary ${text},
      PRIMARY KEY (table_id, field_id)
    )${end}`,
    'CREATE INDEX fact_column_sizes_largest ON fact_column_sizes (stored_bytes)',
    `CREATE TABLE fact_column_days (
      table_id ${integer} NOT NULL,
      field_id ${integer} NOT NULL,
      period ${integer} NOT NULL,
      stored_bytes ${integer} NOT NULL,
      encoded_bytes ${integer} NOT NULL,
      plain_bytes ${integer} NOT NULL,
      PRIMARY KEY (table_id, field_id, period)
    )${end}`,
    `CREATE TABLE fact_files (
      table_id ${integer} NOT NULL,
      file_key ${text} NOT NULL,
      read_at_ms ${integer} NOT NULL,
      footer ${text},
      problem ${text},
      PRIMARY KEY (table_id, file_key)
    )${end}`,
  ]
}

/** Who wrote the files whose footers were read, and when. The files that were read before are read again. */
export function storageCuts({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE fact_storage_cuts (
      table_id ${integer} NOT NULL,
      cut ${text} NOT NULL,
      name ${text} NOT NULL,
      stored_bytes ${integer} NOT NULL,
      encoded_bytes ${integer} NOT NULL,
      plain_bytes ${integer} NOT NULL,
      PRIMARY KEY (table_id, cut, name)
    )${end}`,
    `ALTER TABLE fact_files ADD COLUMN created_by ${text}`,
    `ALTER TABLE fact_files ADD COLUMN committed_at_ms ${integer}`,
    'UPDATE fact_storage SET retry_at_ms = 0 WHERE metadata_location IS NOT NULL',
  ]
}
