import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FactCollector } from '@/testing/facts/fact-collector'
import { HistoryChecks } from '@/testing/facts/history-checks'
import { TableModel } from '@/testing/facts/table-model'
import { changeTable, type TableStep, tableSteps } from '@/testing/facts/table-steps'
import { TrueTerms } from '@/testing/facts/true-terms'
import { propertyRuns } from '@/testing/property-cases'
import type { TableMetadata } from '../iceberg/metadata/table-metadata'
import { type Amounts, type KnownAmounts, MEASURES, UNKNOWN, ZERO } from './amounts'
import { readSnapshotFacts } from './snapshot-facts'
import type { Term } from './terms'

/** Random histories of tables, read as catalogs show them. The model knows all that the table ever had. */

it('The rows of a history are the table, whatever its summaries, its clocks and the readings leave out', () => {
  let notReadCount = 0
  fc.assert(
    fc.property(tableSteps, fc.constantFrom(1 as const, 2 as const), fc.boolean(), (steps, formatVersion, hasLog) => {
      const table = new TableModel({ formatVersion, hasLog })
      const collector = new FactCollector()
      const checks = new HistoryChecks({ hasAll: false })
      const wrongTotals: string[] = []
      let before: TableMetadata | null = null
      for (const step of steps.filter(({ kind }) => kind !== 'drop' || collector.version !== null)) {
        changeTable(table, step)
        if (step.kind === 'drop') {
          checks.add(collector.drop(table.nowMs), table.nowMs)
          for (const folded of collector.restore(table.metadata, table.nowMs)) checks.add(folded, table.nowMs)
        } else {
          if (!step.isRead) continue
          checks.add(collector.read(table.metadata, step.hasBefore ? before : null, table.nowMs), table.nowMs)
          wrongTotals.push(...differences(collector.state.total, statedTotal(table.metadata, before)))
        }
        before = table.metadata
      }
      checks.checkSums(steps.length)
      expect([...checks.faults, ...wrongTotals]).toEqual([])
      notReadCount += collector.rowsOf('not-read').length
    }),
    propertyRuns(1500),
  )
  expect(notReadCount).toBeGreaterThan(0)
})

it('Nothing is unexplained when each version is read, and the sums are those of the table', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(tableSteps, (steps) => {
      const table = new TableModel()
      const collector = new FactCollector()
      const checks = new HistoryChecks({ hasAll: true })
      const truth = new TrueTerms(table)
      collector.read(table.metadata, null, table.nowMs)
      let isExpired = false
      for (const step of steps.map((one): TableStep => ({ ...one, summary: 'right' }))) {
        const before = table.metadata
        // Only the undo of an expiry writes an earlier version of a table that nothing else has changed.
        if (!truth.canMove(step) || (step.kind === 'restore' && !isExpired)) continue
        isExpired = step.kind.startsWith('expire')
        changeTable(table, step.kind === 'restore' ? { ...step, pick: 0 } : step)
        truth.add(before.currentSnapshotId, step.kind)
        if (step.kind === 'drop') checks.add(collector.drop(table.nowMs), table.nowMs)
        const folded =
          step.kind === 'drop'
            ? collector.restore(table.metadata, table.nowMs)
            : [collector.read(table.metadata, before, table.nowMs)]
        for (const version of folded) checks.add(version, table.nowMs)
        expect(collector.state.total).toEqual(table.total)
      }
      expect(checks.faults).toEqual([])
      expect(collector.rowsOf('not-read')).toEqual([])
      expect(collector.sumRecords()).toEqual(truth.sums())
      for (const term of Object.keys(truth.sums())) seen.add(term)
    }),
    propertyRuns(1000),
  )
  const terms: Term[] = ['came-in', 'moved', 'put-back', 'removed', 'replaced', 'taken-back']
  expect([...seen].sort()).toEqual(terms)
})

it('Versions that were not read change no sum as long as their snapshots are alive', () => {
  const losing: TableStep['kind'][] = ['expire-all', 'expire-some', 'empty', 'restore', 'drop']
  fc.assert(
    fc.property(tableSteps, (steps) => {
      const table = new TableModel()
      const each = new FactCollector()
      const some = new FactCollector()
      const checks = new HistoryChecks({ hasAll: true })
      let beforeEach: TableMetadata | null = null
      let beforeSome: TableMetadata | null = null
      const alive = steps.filter(({ kind }) => !losing.includes(kind))
      for (const [index, step] of alive.entries()) {
        changeTable(table, { ...step, summary: 'right' })
        each.read(table.metadata, beforeEach, table.nowMs)
        beforeEach = table.metadata
        if (!step.isRead && index < alive.length - 1) continue
        checks.add(some.read(table.metadata, step.hasBefore ? beforeSome : null, table.nowMs), table.nowMs)
        beforeSome = table.metadata
      }
      expect(checks.faults).toEqual([])
      expect(some.state.total).toEqual(each.state.total)
      expect(some.sumRecords()).toEqual(each.sumRecords())
    }),
    propertyRuns(1000),
  )
})

/** The total by the metadata of a table whose `main` has moved; otherwise unknown. */
function statedTotal(after: TableMetadata, before: TableMetadata | null): KnownAmounts {
  if (after.currentSnapshotId === null) return ZERO
  const main = after.snapshots.find(({ snapshotId }) => snapshotId === after.currentSnapshotId)
  const hasMoved = after.currentSnapshotId !== before?.currentSnapshotId
  return main && hasMoved ? readSnapshotFacts(main).total : UNKNOWN
}

function differences(total: Amounts, stated: KnownAmounts): string[] {
  const wrong = MEASURES.filter((measure) => stated[measure] !== null && stated[measure] !== total[measure])
  return wrong.map((measure) => `${measure}: ${total[measure]} instead of ${stated[measure]}`)
}
