import 'server-only'
import { createHash } from 'node:crypto'
import type { FileFooter, FooterColumn } from '@/lib/facts/file-footer'
import type { Change, Database } from '../../database'
import { change, query } from '../../statement'
import { inBatches, ROWS_PER_STATEMENT } from '../in-batches'

/** The footers of the live data files of tables, as they were read once. */

export type ReadFooter =
  | {
      footer: FileFooter
      problem: null
      /** As the footer names it, perhaps empty; null: the footer was read before this was stored. */
      createdBy: string | null
    }
  | { footer: null; problem: string }

/** An attempt to read a footer, with the time at which the file was committed; null: not known. */
export type StoredFooter = ReadFooter & { committedAtMs: number | null }

/** The attempts of a table to read footers, by {@link digestKey}. */
export async function readFooters(
  database: Database,
  tableId: number,
): Promise<Map<string, StoredFooter & { readAtMs: number }>> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_files')
        .select(['file_key', 'read_at_ms', 'footer', 'problem', 'created_by', 'committed_at_ms'])
        .where('table_id', '=', tableId),
    ),
  )
  return new Map(
    rows.map(({ file_key, read_at_ms, footer, problem, created_by, committed_at_ms }) => {
      const times = { readAtMs: read_at_ms, committedAtMs: committed_at_ms }
      return [
        file_key,
        footer === null
          ? { footer: null, problem: problem ?? '', ...times }
          : { footer: decodeFooter(footer), problem: null, createdBy: created_by, ...times },
      ]
    }),
  )
}

/** @param files by key; an earlier attempt is replaced */
export function readFooterChanges(tableId: number, files: ReadonlyMap<string, StoredFooter>): Change[] {
  return inBatches([...files].sort(byKey), (batch) =>
    change(({ db, nowMs }) =>
      db
        .insertInto('fact_files')
        .values(
          batch.map(([key, read]) => ({
            table_id: tableId,
            file_key: key,
            read_at_ms: nowMs,
            footer: read.footer === null ? null : encodeFooter(read.footer),
            problem: read.problem,
            created_by: read.footer === null ? null : read.createdBy,
            committed_at_ms: read.committedAtMs,
          })),
        )
        .onConflict((conflict) =>
          conflict.columns(['table_id', 'file_key']).doUpdateSet(({ ref }) => ({
            read_at_ms: ref('excluded.read_at_ms'),
            footer: ref('excluded.footer'),
            problem: ref('excluded.problem'),
            created_by: ref('excluded.created_by'),
            committed_at_ms: ref('excluded.committed_at_ms'),
          })),
        ),
    ),
  )
}

/** @param keys null: all files of the table */
export function removedFooterChanges(tableId: number, keys: readonly string[] | null): Change[] {
  if (keys === null) return [change(({ db }) => db.deleteFrom('fact_files').where('table_id', '=', tableId))]
  const changes: Change[] = []
  for (let start = 0; start < keys.length; start += ROWS_PER_STATEMENT) {
    const batch = keys.slice(start, start + ROWS_PER_STATEMENT)
    changes.push(
      change(({ db }) => db.deleteFrom('fact_files').where('table_id', '=', tableId).where('file_key', 'in', batch)),
    )
  }
  return changes
}

const KEY_CHARS = 22

/**
 * 132 bits of a digest.
 *
 * @param name tells the file from others of the table
 */
export function digestKey(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, KEY_CHARS)
}

/** A column without names of its fields: a table of many files has very many of them. */
type StoredColumn = [
  fieldId: number | null,
  codecs: FooterColumn['codecs'],
  encodedBytes: number,
  plainBytes: number,
  isEstimated: 0 | 1,
  encodings: readonly string[],
  dictionary: FooterColumn['dictionary'],
]

function encodeFooter(footer: FileFooter): string {
  return JSON.stringify(
    footer.map(
      ({ fieldId, codecs, encodedBytes, plainBytes, isEstimated, encodings, dictionary }): StoredColumn => [
        fieldId,
        codecs,
        encodedBytes,
        plainBytes,
        isEstimated ? 1 : 0,
        encodings,
        dictionary,
      ],
    ),
  )
}

function decodeFooter(text: string): FileFooter {
  const columns = JSON.parse(text) as StoredColumn[]
  return columns.map(([fieldId, codecs, encodedBytes, plainBytes, isEstimated, encodings, dictionary]) => ({
    fieldId,
    codecs,
    encodedBytes,
    plainBytes,
    isEstimated: isEstimated === 1,
    encodings,
    dictionary,
  }))
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
