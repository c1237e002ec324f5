import { expect, it } from 'vitest'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import { toFlows } from './flows'

const HOUR_MS = 3_600_000
const span = { fromMs: 0, toMs: 3 * HOUR_MS, stepMs: HOUR_MS }

function commit(table: string, atMs: number, addedRows: number, change: Partial<LakeCommit> = {}): LakeCommit {
  return {
    table: { catalog: 'lake', namespace: ['demo'], table },
    snapshotId: `${table} ${atMs}`,
    atMs,
    operation: 'append',
    writer: null,
    addedRows,
    removedRows: 0,
    addedBytes: addedRows * 8,
    removedBytes: 0,
    addedFiles: 1,
    removedFiles: 0,
    inputBytes: null,
    ...change,
  }
}

it('puts each commit into its step and leaves out those outside the span', () => {
  const { buckets } = toFlows(
    [commit('a', 0, 1), commit('a', HOUR_MS - 1, 2), commit('a', HOUR_MS, 4), commit('a', 3 * HOUR_MS, 8)],
    span,
    'table',
  )
  expect(buckets.map(({ startMs, values }) => [startMs, values[0]?.rows, values[0]?.commits])).toEqual([
    [0, 3, 2],
    [HOUR_MS, 4, 1],
    [2 * HOUR_MS, 0, 0],
  ])
})

it('gives the six largest their own color and combines the rest', () => {
  const commits = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((table, index) => commit(table, 0, 100 - index))
  const { series, buckets } = toFlows(commits, span, 'table')
  expect(series.map(({ label }) => label)).toEqual([
    'demo.a',
    'demo.b',
    'demo.c',
    'demo.d',
    'demo.e',
    'demo.f',
    'Other',
  ])
  expect(buckets[0]?.values.at(-1)).toMatchObject({ rows: 94 + 93, commits: 2 })
})

it('names the series with the largest share of any chart, not only those with the most rows', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((table) => commit(table, 0, 1000, { addedBytes: 1 }))
  const images = commit('images', 0, 3, { addedBytes: 1_000_000 })
  const stream = Array.from({ length: 20 }, (_, atMs) => commit('stream', atMs, 1, { addedBytes: 1, addedFiles: 30 }))
  const labels = toFlows([...many, images, ...stream], span, 'table').series.map(({ label }) => label)
  expect(labels.slice(0, 2)).toEqual(['demo.images', 'demo.stream'])
  expect(labels).toHaveLength(7)
  const ofRows = toFlows([...many, images, ...stream], span, 'table', ['rows']).series.map(({ label }) => label)
  expect(ofRows).toEqual(['demo.a', 'demo.b', 'demo.c', 'demo.d', 'demo.e', 'demo.f', 'Other'])
})

it('distinguishes tables whose labels are equal', () => {
  const dotted = commit('b', 0, 1, { table: { catalog: 'lake', namespace: ['a.b'], table: 'c' } })
  const nested = commit('b', 0, 1, { table: { catalog: 'lake', namespace: ['a', 'b'], table: 'c' } })
  expect(toFlows([dotted, nested], span, 'table').series).toHaveLength(2)
})

it('names the catalog of tables when they are in several', () => {
  const other = commit('a', 0, 1, { table: { catalog: 'remote', namespace: ['demo'], table: 'a' } })
  const labels = (commits: readonly LakeCommit[], by: 'table' | 'operation') =>
    toFlows(commits, span, by).series.map(({ label }) => label)
  expect(labels([commit('a', 0, 2), other], 'table')).toEqual(['lake.demo.a', 'remote.demo.a'])
  expect(labels([other], 'table')).toEqual(['demo.a'])
  expect(labels([commit('a', 0, 2), other], 'operation')).toEqual(['append'])
})

it('splits by operation and by writer, and labels a missing writer as unknown', () => {
  const commits = [commit('a', 0, 1, { writer: 'spark 4.0' }), commit('a', 0, 2, { operation: 'overwrite' })]
  expect(toFlows(commits, span, 'operation').series.map(({ key }) => key)).toEqual(['overwrite', 'append'])
  expect(toFlows(commits, span, 'writer').series.map(({ label }) => label)).toEqual(['unknown', 'spark 4.0'])
})

it('refuses a span that is empty or has too many steps', () => {
  expect(() => toFlows([], { ...span, toMs: 0 }, 'table')).toThrow(/empty/)
  expect(() => toFlows([], { ...span, stepMs: 1000 }, 'table')).toThrow(/at most 400 steps/)
})
