import 'server-only'
import { createHash } from 'node:crypto'
import type { FactRow } from '@/lib/facts/fold-version'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'
import { inBatches, ROWS_PER_STATEMENT } from './in-batches'

/** The writers of commits. */

/** The writer of a commit: the program that its summary names, and the user and the client that the audit recorded. */
export type FactWriter = {
  engine: string | null
  library: string | null
  application: string | null
  username: string | null
  client: string | null
}

/** A row of a history, and the writer of its commit. */
export type WrittenFact = FactRow & { committedBy: FactWriter | null }

/** The id of a writer that is not known. */
export const NO_WRITER = 0
const WRITER_ID_BITS = 47n

/** Many engines are another application in each run, and sums by run would be as many as commits. */
export function withoutApplication(writer: FactWriter): FactWriter {
  return { ...writer, application: null }
}

/** The rows of writers, and those under which sums have them. */
export function writerChanges(writers: readonly FactWriter[]): Change[] {
  const byId = new Map(
    writers.flatMap((writer) => [writer, withoutApplication(writer)]).map((writer) => [toWriterId(writer), writer]),
  )
  const columns = [...byId].map(([id, writer]): Tables['fact_writers'] => ({
    id,
    engine: writer.engine ?? '',
    library: writer.library ?? '',
    application: writer.application ?? '',
    username: writer.username ?? '',
    client: writer.client ?? '',
  }))
  return inBatches(columns, (values) =>
    change(({ db }) =>
      db
        .insertInto('fact_writers')
        .values(values)
        .onConflict((conflict) => conflict.doNothing()),
    ),
  )
}

/** The same for the same writer in every process, so that none has to look it up. */
export function toWriterId({ engine, library, application, username, client }: FactWriter): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([engine, library, application, username, client]))
    .digest()
  return Number(digest.readBigUInt64BE() >> (64n - WRITER_ID_BITS))
}

/** The writers of these ids; without those that are not known. */
export async function readFactWriters(database: Database, ids: readonly number[]): Promise<Map<number, FactWriter>> {
  const writers = new Map<number, FactWriter>()
  for (let start = 0; start < ids.length; start += ROWS_PER_STATEMENT) {
    const batch = ids.slice(start, start + ROWS_PER_STATEMENT)
    const rows = await database.read(
      query(({ db }) => db.selectFrom('fact_writers').selectAll().where('id', 'in', batch)),
    )
    for (const { id, ...names } of rows) {
      const known = (name: string) => (name === '' ? null : name)
      writers.set(id, {
        engine: known(names.engine),
        library: known(names.library),
        application: known(names.application),
        username: known(names.username),
        client: known(names.client),
      })
    }
  }
  return writers
}
