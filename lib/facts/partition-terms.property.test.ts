import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { type KnownAmounts, ZERO } from './amounts'
import {
  addPartitionAmounts,
  NO_AMOUNTS,
  PARTITION_MEASURES,
  type PartitionAmounts,
  type PartitionChange,
  restOfTerms,
  toPartitionTerms,
} from './partition-terms'
import { TERM_SIGNS, TERMS } from './terms'

const count = fc.nat({ max: 1000 })
const amounts = fc.record({ rows: count, files: count, bytes: count })
const changes = fc.array(fc.record({ added: amounts, removed: amounts }), { maxLength: 8 })
const kinds = fc.constantFrom('commit' as const, 'taken-back' as const, 'put-back' as const)

const sumOf = (parts: readonly PartitionAmounts[]): KnownAmounts => ({
  ...ZERO,
  ...parts.reduce(addPartitionAmounts, NO_AMOUNTS),
})

it('The terms of all partitions of a commit are the terms of the commit, and the net of each is that of its files', () => {
  fc.assert(
    fc.property(changes, kinds, fc.constantFrom('append', 'overwrite', 'replace', null), (all, kind, operation) => {
      const fact = {
        kind,
        operation,
        added: sumOf(all.map(({ added }) => added)),
        removed: sumOf(all.map(({ removed }) => removed)),
      }
      const parts = all.map((change) => ({ change, terms: toPartitionTerms(fact, change) }))
      expect(
        restOfTerms(
          fact,
          parts.map(({ terms }) => terms),
        ),
      ).toEqual({})
      const sign = kind === 'taken-back' ? -1 : 1
      for (const { change, terms } of parts) {
        for (const measure of PARTITION_MEASURES) {
          const net = TERMS.reduce((sum, term) => sum + TERM_SIGNS[term] * (terms[term]?.[measure] ?? 0), 0)
          expect(net).toBe(0 + sign * (change.added[measure] - change.removed[measure]) || 0)
        }
      }
    }),
    propertyRuns(),
  )
})

it('What manifests and summary do not agree on is in no partition', () => {
  const change: PartitionChange = { added: { rows: 7, files: 1, bytes: 70 }, removed: NO_AMOUNTS }
  const fact = {
    kind: 'commit' as const,
    operation: 'append',
    added: { ...ZERO, rows: 10, files: null, bytes: 70 },
    removed: { ...ZERO, files: null },
  }
  const terms = toPartitionTerms(fact, change)
  expect(terms).toEqual({ 'came-in': { rows: 7, files: 0, bytes: 70 } })
  expect(restOfTerms(fact, [terms])).toEqual({ 'came-in': { rows: 3, files: 0, bytes: 0 } })
})
