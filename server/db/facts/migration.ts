import 'server-only'

/**
 * The tables of the history of facts. Rows are ordered as they are read: those of a table by number, sums by time.
 *
 * @param text the type of text, which compares by bytes
 */
export function factTables({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE fact_tables (
      id ${integer} NOT NULL PRIMARY KEY,
      catalog ${text} NOT NULL,
      namespace ${text} NOT NULL,
      table_name ${text} NOT NULL,
      table_uuid ${text} NOT NULL,
      metadata_location ${text},
      version ${text} NOT NULL,
      revision ${integer} NOT NULL,
      seq ${integer} NOT NULL,
      last_at_ms ${integer} NOT NULL,
      total_rows ${integer} NOT NULL,
      total_files ${integer} NOT NULL,
      total_bytes ${integer} NOT NULL,
      total_delete_files ${integer} NOT NULL,
      total_position_deletes ${integer} NOT NULL,
      total_equality_deletes ${integer} NOT NULL,
      first_read_at_ms ${integer} NOT NULL,
      read_at_ms ${integer} NOT NULL,
      dropped_at_ms ${integer}
    )${end}`,
    'CREATE UNIQUE INDEX fact_tables_by_name ON fact_tables (catalog, namespace, table_name) WHERE dropped_at_ms IS NULL',
    'CREATE INDEX fact_tables_by_uuid ON fact_tables (table_uuid)',
    `CREATE TABLE fact_changes (
      recorded_at_ms ${integer} NOT NULL,
      id ${text} NOT NULL,
      catalog ${text} NOT NULL,
      namespace ${text} NOT NULL,
      table_name ${text} NOT NULL,
      kind ${text} NOT NULL,
      at_ms ${integer} NOT NULL,
      table_uuid ${text},
      from_location ${text},
      to_location ${text},
      detail ${text},
      attempts ${integer} NOT NULL,
      PRIMARY KEY (recorded_at_ms, id)
    )${end}`,
    `CREATE TABLE fact_commits (
      table_id ${integer} NOT NULL,
      seq ${integer} NOT NULL,
      kind ${text} NOT NULL,
      at_ms ${integer} NOT NULL,
      stated_at_ms ${integer},
      snapshot_id ${text},
      entered_at_ms ${integer},
      operation ${text},
      writer_id ${integer},
      branch ${text},
      reason ${text},
      rows_added ${integer},
      rows_removed ${integer},
      files_added ${integer},
      files_removed ${integer},
      bytes_added ${integer},
      bytes_removed ${integer},
      PRIMARY KEY (table_id, seq)
    )${end}`,
    'CREATE INDEX fact_commits_by_time ON fact_commits (at_ms)',
    "CREATE INDEX fact_commits_returned ON fact_commits (at_ms) WHERE kind IN ('taken-back', 'put-back')",
    `CREATE TABLE fact_deletes (
      table_id ${integer} NOT NULL,
      seq ${integer} NOT NULL,
      files_added ${integer},
      files_removed ${integer},
      position_deletes_added ${integer},
      position_deletes_removed ${integer},
      equality_deletes_added ${integer},
      equality_deletes_removed ${integer},
      PRIMARY KEY (table_id, seq)
    )${end}`,
    `CREATE TABLE fact_hours (
      table_id ${integer} NOT NULL,
      period ${integer} NOT NULL,
      term ${text} NOT NULL,
      operation ${text} NOT NULL,
      writer_id ${integer} NOT NULL,
      commits ${integer} NOT NULL,
      rows ${integer} NOT NULL,
      files ${integer} NOT NULL,
      bytes ${integer} NOT NULL,
      PRIMARY KEY (table_id, period, term, operation, writer_id)
    )${end}`,
    `CREATE TABLE fact_days (
      table_id ${integer} NOT NULL,
      period ${integer} NOT NULL,
      term ${text} NOT NULL,
      operation ${text} NOT NULL,
      writer_id ${integer} NOT NULL,
      commits ${integer} NOT NULL,
      rows ${integer} NOT NULL,
      files ${integer} NOT NULL,
      bytes ${integer} NOT NULL,
      PRIMARY KEY (table_id, period, term, operation, writer_id)
    )${end}`,
    `CREATE TABLE fact_months (
      period ${integer} NOT NULL,
      table_id ${integer} NOT NULL,
      term ${text} NOT NULL,
      operation ${text} NOT NULL,
      commits ${integer} NOT NULL,
      rows ${integer} NOT NULL,
      files ${integer} NOT NULL,
      bytes ${integer} NOT NULL,
      PRIMARY KEY (period, table_id, term, operation)
    )${end}`,
    `CREATE TABLE fact_lake_hours (
      period ${integer} NOT NULL,
      catalog ${text} NOT NULL,
      term ${text} NOT NULL,
      operation ${text} NOT NULL,
      writer_id ${integer} NOT NULL,
      commits ${integer} NOT NULL,
      rows ${integer} NOT NULL,
      files ${integer} NOT NULL,
      bytes ${integer} NOT NULL,
      PRIMARY KEY (period, catalog, term, operation, writer_id)
    )${end}`,
    `CREATE TABLE fact_lake_days (
      period ${integer} NOT NULL,
      catalog ${text} NOT NULL,
      term ${text} NOT NULL,
      operation ${text} NOT NULL,
      writer_id ${integer} NOT NULL,
      commits ${integer} NOT NULL,
      rows ${integer} NOT NULL,
      files ${integer} NOT NULL,
      bytes ${integer} NOT NULL,
      PRIMARY KEY (period, catalog, term, operation, writer_id)
    )${end}`,
    `CREATE TABLE fact_events (
      id ${text} NOT NULL PRIMARY KEY,
      table_id ${integer} NOT NULL,
      at_ms ${integer} NOT NULL,
      kind ${text} NOT NULL,
      detail ${text} NOT NULL
    )${end}`,
    'CREATE INDEX fact_events_by_table ON fact_events (table_id, at_ms)',
    'CREATE INDEX fact_events_by_time ON fact_events (at_ms)',
    `CREATE TABLE fact_writers (
      id ${integer} NOT NULL PRIMARY KEY,
      engine ${text} NOT NULL,
      library ${text} NOT NULL,
      application ${text} NOT NULL,
      username ${text} NOT NULL,
      client ${text} NOT NULL
    )${end}`,
    `CREATE TABLE fact_checks (
      table_id ${integer} NOT NULL PRIMARY KEY,
      checked_at_ms ${integer} NOT NULL,
      metadata_location ${text},
      compared_with ${text} NOT NULL,
      rows_off ${integer},
      files_off ${integer},
      bytes_off ${integer}
    )${end}`,
    `CREATE TABLE fact_catalogs (
      catalog ${text} NOT NULL PRIMARY KEY,
      polled_at_ms ${integer} NOT NULL,
      answered_at_ms ${integer},
      complete_at_ms ${integer},
      listed_at_ms ${integer},
      table_count ${integer},
      unread_count ${integer} NOT NULL,
      late_count ${integer} NOT NULL,
      is_truncated ${integer} NOT NULL,
      problem_code ${text},
      problem ${text}
    )${end}`,
    `CREATE TABLE fact_leases (
      name ${text} NOT NULL PRIMARY KEY,
      owner ${text} NOT NULL,
      until_ms ${integer} NOT NULL
    )${end}`,
  ]
}

/** How commits came about, for those of which something is known, and what removals of expired files freed. */
export function commitDetails({
  text,
  integer,
  end,
}: {
  text: string
  integer: string
  end: string
}): readonly string[] {
  return [
    `CREATE TABLE fact_details (
      table_id ${integer} NOT NULL,
      seq ${integer} NOT NULL,
      run_id ${text},
      query_id ${text},
      input_bytes ${integer},
      duration_ms ${integer},
      retries ${integer},
      PRIMARY KEY (table_id, seq)
    )${end}`,
    `ALTER TABLE fact_events ADD COLUMN freed_bytes ${integer}`,
    'CREATE INDEX fact_events_freed ON fact_events (at_ms) WHERE freed_bytes IS NOT NULL',
  ]
}

/** How large the data files were that commits brought. */
export function fileSizes({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE fact_size_days (
      table_id ${integer} NOT NULL,
      period ${integer} NOT NULL,
      bucket ${integer} NOT NULL,
      commits ${integer} NOT NULL,
      files ${integer} NOT NULL,
      PRIMARY KEY (table_id, period, bucket)
    )${end}`,
    `CREATE TABLE fact_lake_size_days (
      period ${integer} NOT NULL,
      catalog ${text} NOT NULL,
      bucket ${integer} NOT NULL,
      commits ${integer} NOT NULL,
      files ${integer} NOT NULL,
      PRIMARY KEY (period, catalog, bucket)
    )${end}`,
  ]
}

/**
 * How often each table is committed to, computed as `lib/facts/rhythm` does from the commits that the history still has,
 * and whether it is one of the demo lake.
 */
export function factRhythms(integer: string, text: string): readonly string[] {
  const commits = `SELECT at_ms, seq, at_ms - lag(at_ms) OVER (ORDER BY seq) AS gap FROM fact_commits
    WHERE table_id = fact_tables.id AND kind = 'commit'`
  const loads = `SELECT at_ms FROM (${commits}) AS commits WHERE gap IS NULL OR gap > 60000 ORDER BY seq DESC LIMIT 30`
  const gaps = `SELECT gap, row_number() OVER (ORDER BY gap) AS nth, count(*) OVER () AS gap_count
    FROM (SELECT at_ms - lag(at_ms) OVER (ORDER BY at_ms) AS gap FROM (${loads}) AS loads) AS gaps WHERE gap IS NOT NULL`
  return [
    `ALTER TABLE fact_tables ADD COLUMN last_commit_ms ${integer}`,
    `ALTER TABLE fact_tables ADD COLUMN loads ${text} NOT NULL DEFAULT '[]'`,
    `ALTER TABLE fact_tables ADD COLUMN usual_interval_ms ${integer}`,
    `ALTER TABLE fact_tables ADD COLUMN is_demo ${integer} NOT NULL DEFAULT 0`,
    `UPDATE fact_tables SET
      last_commit_ms = (SELECT max(at_ms) FROM fact_commits WHERE table_id = fact_tables.id AND kind = 'commit'),
      loads = coalesce((SELECT '[' || string_agg(CAST(at_ms AS TEXT), ',' ORDER BY at_ms) || ']' FROM (${loads}) AS loads), '[]'),
      usual_interval_ms = (SELECT CAST(round(avg(gap)) AS ${integer}) FROM (${gaps}) AS ordered
        WHERE gap_count >= 3 AND nth IN ((gap_count + 1) / 2, (gap_count + 2) / 2)),
      is_demo = CASE WHEN version LIKE '%"lakeshore.demo-history":"lk2v39"%' THEN 1 ELSE 0 END`,
  ]
}
