import { expect, test } from 'vitest'
import type { PlanOperator } from '../query-plan'
import { toPlanTree } from './plan-tree'

const TABLE = {
  localName: 'lakeshore table 1',
  label: 'demo.flights',
  columns: ['origin', 'delay'],
  columnCount: 2,
  fileCount: 3,
  tableFileCount: 3,
  filter: null,
  fileBytes: null,
  rowCount: 3000,
}
const node = (name: string, extra: Record<string, unknown>, children: unknown[] = []) => ({
  name,
  extra_info: extra,
  children,
})

test('only a table of the statement is named, by its whole local name', () => {
  const scanOf = (table: string) =>
    toPlanTree(JSON.stringify([node('SEQ_SCAN ', { Table: table })]), [TABLE])?.[0]?.scan
  expect(scanOf('memory.held.lakeshore table 1 2')?.label).toBe('demo.flights')
  expect(scanOf('memory.held."lakeshore table 1 2"')?.label).toBe('demo.flights')
  expect(scanOf('memory.held."lakeshore table 12 2"')).toBeNull()
  expect(scanOf('lakeshore table 1 front')?.label).toBe('demo.flights')
  expect(scanOf('lakeshore table 1')?.label).toBe('demo.flights')
  expect(scanOf('lakeshore table 11')).toBeNull()
  expect(scanOf('lakeshore table 12 2')).toBeNull()
})

test('a range that a statement calls itself is not taken for a table', () => {
  const range = (count: string) => node('RANGE ', { Function: 'RANGE', 'Estimated Cardinality': count })
  const planOf = (names: string[], count: string) =>
    toPlanTree(JSON.stringify([node('PROJECTION', { Projections: names }, [range(count)])]), [TABLE])?.[0]?.name
  expect(planOf(['origin'], '3000')).toBe('SEQ_SCAN')
  expect(planOf(['range'], '3000')).toBe('PROJECTION')
  expect(planOf(['origin'], '10')).toBe('PROJECTION')
})

test('a text that is not a plan, and a plan that is too large to be drawn, are none', () => {
  expect(toPlanTree('┌──┐', [])).toBeNull()
  expect(toPlanTree('{"a": 1}', [])).toBeNull()
  const [extra_info, children] = [{}, []]
  for (const plan of [
    [null],
    [{ children }],
    [{ extra_info }],
    [{ extra_info, children: [1] }],
    [{ name: 1, extra_info, children }],
    { operator_timing: '1', extra_info, children },
  ])
    expect(toPlanTree(JSON.stringify(plan), []), JSON.stringify(plan)).toBeNull()
  const wide = Array.from({ length: 2001 }, () => node('RANGE', {}))
  expect(toPlanTree(JSON.stringify([node('UNION', {}, wide)]), [])).toBeNull()
  let deep = node('LEAF', {})
  for (let i = 0; i < 300; i++) deep = node('PROJECTION', {}, [deep])
  expect(toPlanTree(JSON.stringify([deep]), [])).toBeNull()
})

test('details are in the words of the statement, and figures that are none are unknown', () => {
  const plan = [node('FILTER', { Expression: ['a > 1', "(b ~~ '%~~%')"], 'Estimated Cardinality': 'many' })]
  const [filter] = toPlanTree(JSON.stringify(plan), [], (text) => text.replace('a', 'delay')) ?? []
  expect(filter).toMatchObject({
    details: [{ label: 'Expression', text: "delay > 1, (b LIKE '%~~%')" }],
    estimatedRows: null,
  })
})

test('a plan that was not run has only the numbers of rows that follow from those of the files', () => {
  const rows = (estimate: string) => ({ 'Estimated Cardinality': estimate })
  const scan = node('SEQ_SCAN ', { Table: 'lakeshore table 1', ...rows('3000') })
  const unloaded = node('PROJECTION', { Projections: ['origin'], ...rows('3000') }, [
    node('RANGE ', { Function: 'RANGE', ...rows('3000') }),
  ])
  const estimatesOf = (plan: unknown) => {
    const estimates: string[] = []
    const visit = ({ name, estimatedRows, children }: PlanOperator) => {
      estimates.push(`${name} ${estimatedRows}`)
      children.forEach(visit)
    }
    toPlanTree(JSON.stringify([plan]), [TABLE])?.forEach(visit)
    return estimates
  }
  // A join as large as the cross product, and one group for any number of rows: columns have no statistics.
  const join = node('HASH_JOIN', rows('9000000'), [scan, unloaded])
  const groups = node('PROJECTION', rows('1'), [
    node('HASH_GROUP_BY', rows('1'), [node('PROJECTION', rows('9000000'), [join])]),
  ])
  expect(estimatesOf(groups)).toEqual([
    'PROJECTION null',
    'HASH_GROUP_BY null',
    'PROJECTION null',
    'HASH_JOIN null',
    'SEQ_SCAN 3000',
    'SEQ_SCAN 3000',
  ])
  // DuckDB writes no estimate of a sort, and 0 above it.
  expect(estimatesOf(node('PROJECTION', rows('0'), [node('ORDER_BY', {}, [unloaded])]))).toEqual([
    'PROJECTION 3000',
    'ORDER_BY 3000',
    'SEQ_SCAN 3000',
  ])
  expect(estimatesOf(node('FILTER', rows('3000'), [unloaded]))).toEqual(['FILTER null', 'SEQ_SCAN 3000'])
  const filtered = { Table: 'lakeshore table 1', Filters: 'delay>5', ...rows('600') }
  expect(estimatesOf(node('SEQ_SCAN ', filtered))).toEqual(['SEQ_SCAN null'])
  expect(estimatesOf(node('CTE_SCAN', rows('9000000')))).toEqual(['CTE_SCAN null'])
})

test('a plan that ran has the estimates of DuckDB, except for 0 where it has none', () => {
  const run = (name: string, estimate: string, actual: number, children: unknown[] = []) => ({
    operator_name: name,
    operator_cardinality: actual,
    extra_info: { 'Estimated Cardinality': estimate },
    children,
  })
  const plan = { extra_info: {}, children: [run('PROJECTION', '0', 50, [run('HASH_GROUP_BY', '340', 50)])] }
  const [root] = toPlanTree(JSON.stringify(plan), []) ?? []
  expect(root).toMatchObject({
    estimatedRows: null,
    actualRows: 50,
    children: [{ estimatedRows: 340, actualRows: 50 }],
  })
})
