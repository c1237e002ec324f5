import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { TermSums } from '@/lib/facts/term-sums'
import { type Term, TERMS } from '@/lib/facts/terms'
import type { Database } from '../../database'
import { type Dialect, query } from '../../statement'
import { readFactSums } from '../fact-sums'
import { isTableInScope, type SumScope, sumsInScope } from '../is-in-scope'
import { splitRange, type SumPart } from '../split-range'
import { toHour } from '../sum-tables'

/** The tables with the largest changes, chosen by the database: a lake has more tables than a page needs. */

export type MovedTable = { id: number; terms: TermSums; charted: number }

export type MovedTables = {
  /** By the sum of the amounts of all terms, the largest first; then by their bytes. */
  moved: MovedTable[]
  /** By what a chart has of them, the largest first. */
  charted: MovedTable[]
  /** Tables that are there, or have moved. */
  tableCount: number
  /** Tables of which the chart has more than nothing. */
  chartedCount: number
}

export type MovedTablesQuery = {
  of: SumScope
  /** The beginning of an hour, in UTC. */
  fromMs: number
  /** The beginning of an hour, in UTC, which is not in the sums; null: to the newest fact. */
  toMs: number | null
  measure: 'rows' | 'files' | 'bytes'
  /**
   * The amounts of a chart: what came in, or commits, which the sums of these terms with an operation count, or the
   * shares that a table has of the rows and of the bytes that came in, together.
   */
  charts: 'came-in' | { commitsOf: readonly Term[] } | { sharesOf: { rows: number; bytes: number } }
  limits: { moved: number; charted: number }
}

/** Reads the sums of each table over a range, as `readFactSums` does, and returns those with the largest ones. */
export async function readMovedTables(database: Database, request: MovedTablesQuery): Promise<MovedTables> {
  const { of, fromMs, toMs } = request
  const later =
    toMs === null ? [] : await readFactSums(database, { of, fromMs: toMs, toMs: null, by: [], grain: 'day' })
  // Where nothing is later, which is usual, the sum of the last month is read as it is.
  const range = { fromHour: toHour(fromMs), toHour: toMs === null || later.length === 0 ? null : toHour(toMs) }
  const parts = splitRange(range, { grain: 'day', sums: 'months' })
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom(selectMoved(dialect, parts, request).as('moved_tables'))
        .select(['list', 'id', 'charted', 'table_count', 'charted_count', ...TERMS])
        .orderBy('list')
        .orderBy('nth'),
    ),
  )
  const listed = (list: Row['list']) =>
    rows
      .filter((row) => row.list === list)
      .map(({ id, charted, ...row }) => ({
        id,
        charted,
        terms: Object.fromEntries(TERMS.map((term) => [term, row[term]])) as TermSums,
      }))
  return {
    moved: listed('moved'),
    charted: listed('charted'),
    tableCount: rows[0]?.table_count ?? 0,
    chartedCount: rows[0]?.charted_count ?? 0,
  }
}

type Row = Record<Term, number> & {
  list: 'moved' | 'charted'
  nth: number
  id: number
  charted: number
  table_count: number
  charted_count: number
}

function selectMoved(
  dialect: Dialect,
  parts: readonly SumPart[],
  { of, measure, charts, limits }: MovedTablesQuery,
): RawBuilder<Row> {
  const columns = [...TERMS.map((term) => toTermColumn(term, measure)), toChartColumn(charts, measure)]
  const sums = sql.join(columns.map(({ name, type }) => sql`cast(sum(${name}) as ${type}) as ${name}`))
  const movement = sql.join(
    TERMS.map((term) => sql`abs(${sql.ref(term)})`),
    sql` + `,
  )
  // The sums of each part are in the order of its key, so only their results are sorted.
  const sumPart = ({ isTaken, ...part }: SumPart) => {
    const sign = isTaken ? sql`0 -` : sql``
    const sumsOfPart = columns.map(
      ({ name, type, amount, where }) =>
        sql`${sign} cast(coalesce(sum(${amount}) filter (where ${where}), 0) as ${type}) as ${name}`,
    )
    return sql`select table_id, ${sql.join(sumsOfPart)} from ${sumsInScope(dialect, of, part)} group by table_id`
  }
  const choose = (list: Row['list'], where: RawBuilder<SqlBool>, order: RawBuilder<unknown>, limit: number) =>
    sql`select * from (select ${sql.lit(list)} as list, row_number() over (order by ${order}) as nth, shown.*
      from shown where ${where} order by ${order} limit ${limit}) as ${sql.ref(list)}`
  return sql<Row>`(with sums as materialized (
      select table_id, ${sums} from (${sql.join(parts.map(sumPart), sql` union all `)}) as parts group by table_id
    ), shown as materialized (
      select id, total_bytes, ${sql.join(columns.map(({ name }) => sql`coalesce(${name}, 0) as ${name}`))},
        coalesce(${movement}, 0) as movement
      from fact_tables left join sums on table_id = id
      where ${isTableInScope(dialect, of)} and (dropped_at_ms is null or ${movement} > 0)
    )
    select listed.*, (select count(*) from shown) as table_count,
      (select count(*) from shown where charted > 0) as charted_count
    from (
      ${choose('moved', sql<SqlBool>`1 = 1`, sql`movement desc, total_bytes desc, id`, limits.moved)}
      union all
      ${choose('charted', sql<SqlBool>`charted > 0`, sql`charted desc, id`, limits.charted)}
    ) as listed)`
}

type Column = {
  name: RawBuilder<unknown>
  type: RawBuilder<unknown>
  amount: RawBuilder<unknown>
  where: RawBuilder<unknown>
}

/** Sums are cast to it: PostgreSQL computes with decimals otherwise, which takes several times as long. */
const INTEGER = sql`bigint`
const FRACTION = sql`double precision`

function toTermColumn(term: Term, measure: MovedTablesQuery['measure']): Column {
  return { name: sql.ref(term), type: INTEGER, amount: sql.ref(measure), where: sql`term = ${sql.lit(term)}` }
}

function toChartColumn(charts: MovedTablesQuery['charts'], measure: MovedTablesQuery['measure']): Column {
  const name = sql.ref('charted')
  if (charts === 'came-in') return { ...toTermColumn('came-in', measure), name }
  if ('commitsOf' in charts) {
    const where = sql`term in (${sql.join(charts.commitsOf)}) and operation <> ''`
    return { name, type: INTEGER, amount: sql.ref('commits'), where }
  }
  const shareOf = (column: 'rows' | 'bytes') =>
    sql`cast(${sql.ref(column)} as ${FRACTION}) / ${sql.lit(Math.max(charts.sharesOf[column], 1))}`
  const amount = sql`${shareOf('rows')} + ${shareOf('bytes')}`
  return { name, type: FRACTION, amount, where: sql`term = 'came-in'` }
}
