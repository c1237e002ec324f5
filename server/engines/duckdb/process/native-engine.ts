import 'server-only'
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult, StatementType } from '@duckdb/node-api'
import { type RecordBatch, RecordBatchReader, Table } from 'apache-arrow'
import type { Engine } from '@/lib/query/duckdb/engine'
import { AppError } from '@/lib/errors'
import { SESSION_ZONE } from '@/lib/query/duckdb/zones/macro'
import { quoteString } from '@/lib/sql/quote-identifier'
import { parseExplain } from '@/lib/query/statement/read-only'
import { splitStatements } from '@/lib/query/statement/statements'
import { tokenKeyword } from '@/lib/query/statement/tokenize'
import { decodeDuckdbTextsExactly } from '@/server/codecs/duckdb-texts'
import { appendArrow } from './append-arrow'
import { chunkToArrow, type ResultField } from './chunk-to-arrow'
import { resultFile } from '../result-file'
import { savedColumns } from './saved-columns'

export type EngineLimits = {
  threads: number
  memoryMiB: number
  tempMiB: number
  /** An empty folder for data that does not fit into memory. */
  tempDir: string
}

/**
 * DuckDB as the engine of a query session. It reads and writes no files except its spill files and the one of a saved
 * result, loads no extension and
 * contacts nothing. Before the user's statement runs its settings are locked, and DuckDB's own parser has to say that
 * the statement is one SELECT.
 */
export async function startNativeEngine(limits: EngineLimits): Promise<Engine> {
  decodeDuckdbTextsExactly()
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(limits.threads),
    memory_limit: `${limits.memoryMiB}MiB`,
    temp_directory: limits.tempDir,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_unsigned_extensions: 'false',
    enable_external_access: 'false',
    errors_as_json: 'true',
  })
  const connection = await instance.connect()
  // As an option of a new instance DuckDB 1.5 shows this limit, and does not keep to it.
  await connection.run(`SET max_temp_directory_size = '${limits.tempMiB}MiB'`)
  // By default these are in the home folder of the server's user, which settings and messages would show.
  await connection.run(`SET home_directory = ${quoteString(limits.tempDir)}`)
  await connection.run(`SET secret_directory = ''`)
  await connection.run(`SET TimeZone = '${SESSION_ZONE}'`)
  for (const schema of ['shadow', 'held', 'lake']) await connection.run(`CREATE SCHEMA ${schema}`)
  let isLocked = false
  let isRunning = true
  const lock = async () => {
    if (!isLocked) await connection.run('SET lock_configuration = true')
    isLocked = true
  }
  return {
    hasTimeZones: true,
    query: async (sql) => {
      const batches: RecordBatch[] = []
      for await (const batch of readBatches(await run(connection, sql))) batches.push(batch)
      return new Table(batches)
    },
    runPrepared: async (sql, values) => {
      const statement = await connection.prepare(sql)
      try {
        values.forEach((value, i) => statement.bindVarchar(i + 1, value))
        await statement.run()
      } finally {
        statement.destroySync()
      }
    },
    async *stream(sql, signal) {
      await lock()
      const interrupt = () => connection.interrupt()
      signal.addEventListener('abort', interrupt, { once: true })
      try {
        yield* readBatches(await runSelect(connection, sql))
      } finally {
        signal.removeEventListener('abort', interrupt)
      }
    },
    save: async (sql, names) => {
      await lock()
      // DuckDB may write to the folder of its spill files, and to no other.
      return saveSelect(connection, sql, { names, file: resultFile(limits.tempDir) })
    },
    insert: async (table, ipc) => {
      const appender = await connection.createAppender(table, 'held')
      try {
        for (const batch of RecordBatchReader.from(ipc)) appendArrow(appender, batch)
        appender.flushSync()
      } finally {
        appender.closeSync()
      }
    },
    get isRunning() {
      return isRunning
    },
    end: () => {
      isRunning = false
      connection.interrupt()
    },
  }
}

/** Runs one statement of the session. @throws {AppError} query-failed for more than one */
async function run(connection: DuckDBConnection, sql: string): Promise<DuckDBResult> {
  const statements = await connection.extractStatements(sql)
  if (statements.count !== 1 && !isPivot(sql)) throw notOneSelectError()
  return await connection.run(sql)
}

/**
 * Runs the user's statement.
 *
 * @throws {AppError} query-failed unless it is one SELECT, or EXPLAIN of one
 */
async function runSelect(connection: DuckDBConnection, sql: string): Promise<DuckDBResult> {
  const [statement] = splitStatements(sql)
  const explained = statement && parseExplain(statement.tokens)?.tokens[0]
  if (explained) {
    await prepareSelect(connection, sql.slice(explained.start))
    return await connection.stream(sql)
  }
  return await (await prepareSelect(connection, sql)).stream()
}

/** PIVOT without a list of values is a type of these values, which is created first, and a SELECT. */
async function prepareSelect(connection: DuckDBConnection, sql: string) {
  const statements = await connection.extractStatements(sql)
  const last = statements.count - 1
  if (last > 0 && !isPivot(sql)) throw notOneSelectError()
  for (let i = 0; i < last; i++) {
    const created = await statements.prepare(i)
    if (created.statementType !== StatementType.CREATE) throw notOneSelectError()
    await created.run()
  }
  const prepared = await statements.prepare(last)
  if (prepared.statementType !== StatementType.SELECT) throw notOneSelectError()
  return prepared
}

/**
 * Writes the rows of the user's statement to a file.
 *
 * @returns how many there are
 */
async function saveSelect(
  connection: DuckDBConnection,
  sql: string,
  { names, file }: { names: readonly string[]; file: string },
): Promise<number> {
  const statement = await prepareSelect(connection, sql)
  const columns = names.map((_name, i) => `c${i}`)
  const selected = savedColumns(names.map((name, i) => ({ column: `c${i}`, name, type: statement.columnType(i) })))
  const rows = `SELECT ${selected.join(', ')} FROM (${sql}\n) AS answer(${columns.join(', ')})`
  // It stays one SELECT in the parentheses around it.
  await prepareSelect(connection, rows)
  const options = 'FORMAT parquet, USE_TMP_FILE false'
  const copies = await connection.extractStatements(`COPY (${rows}\n) TO ${quoteString(file)} (${options})`)
  let rowCount: number | null = null
  for (let i = 0; i < copies.count; i++) {
    // PIVOT creates its type in a transaction around the copy.
    const copy = await copies.prepare(i)
    if (copy.statementType !== StatementType.COPY) await copy.run()
    else rowCount = Number((await (await copy.run()).getRows())[0]?.[0])
  }
  if (rowCount === null) throw notOneSelectError()
  return rowCount
}

function isPivot(sql: string): boolean {
  return splitStatements(sql).some(({ tokens }) =>
    tokens.some((token) => ['PIVOT', 'PIVOT_WIDER'].includes(tokenKeyword(token) ?? '')),
  )
}

function notOneSelectError(): AppError {
  return new AppError('query-failed', 'The server runs one SELECT at a time, and this is something else.')
}

/** At least one batch, which has the types. */
async function* readBatches(result: DuckDBResult): AsyncGenerator<RecordBatch, void> {
  const names = result.columnNames()
  const fields = result.columnTypes().map((type, i): ResultField => ({ name: names[i] ?? '', type }))
  let isEmpty = true
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    isEmpty = false
    yield chunkToArrow(fields, chunk)
  }
  if (isEmpty) yield chunkToArrow(fields, null)
}
