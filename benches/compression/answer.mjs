import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * Groups the rows of files, in a process of its own: by DuckDB, or as a program does that holds each row as an object.
 * Prints the milliseconds, the peak of the resident memory beyond that of the started process, and the answer.
 */
const KIB = 1024
const [by, types, groupBy, sum, ...files] = process.argv.slice(2)
const answer = by === 'objects' ? answerFromObjects : await prepareDuckdb()
const { rss } = process.memoryUsage()
const startedAt = performance.now()
const rows = await answer()
const ms = performance.now() - startedAt
console.log(JSON.stringify({ ms, peakBytes: process.resourceUsage().maxRSS * KIB - rss, answer: rows }))

async function prepareDuckdb() {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const list = files.map((file) => `'${file}'`).join(', ')
  const from = files[0].endsWith('.ndjson')
    ? `read_json([${list}], format = 'newline_delimited', columns = ${types})`
    : `read_parquet([${list}])`
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  return async () => {
    const answers = await connection.runAndReadAll(
      `SELECT "${groupBy}"::VARCHAR AS key, count(*)::INTEGER, round(sum("${sum}"), 3)::DOUBLE FROM ${from} GROUP BY ALL ORDER BY key`,
    )
    return answers.getRowsJson()
  }
}

async function answerFromObjects() {
  const rows = []
  for (const file of files)
    for await (const line of createInterface({ input: createReadStream(file) })) rows.push(JSON.parse(line))
  const groups = new Map()
  for (const row of rows) {
    const [count, total] = groups.get(row[groupBy]) ?? [0, 0]
    groups.set(row[groupBy], [count + 1, total + row[sum]])
  }
  const answers = [...groups].map(([key, [count, total]]) => [String(key), count, Math.round(total * 1000) / 1000])
  return answers.toSorted(([a], [b]) => (a < b ? -1 : 1))
}
