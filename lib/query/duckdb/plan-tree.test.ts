import { expect, test } from 'vitest'
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

test('a text that is no plan, and a plan that is too large to be drawn, are none', () => {
  expect(toPlanTree('┌──┐', [])).toBeNull()
  expect(toPlanTree('{"a": 1}', [])).toBeNull()
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
