import { expect, it } from 'vitest'
import type { Intent } from '@/lib/changes/intents/intent'
import { sampleUse } from '@/testing/contract/sample-use'
import {
  concernsReaders,
  countBreaking,
  effectsOfLostName,
  readerEffects,
  renamedColumns,
  summarizeEffects,
} from './reader-effects'

const RENAME: Intent = {
  kind: 'rename-column',
  fieldId: 1,
  column: ['delay'],
  name: 'delay_min',
  movesProperties: false,
}
const WIDEN: Intent = { kind: 'change-column-type', fieldId: 2, column: ['origin'], type: 'long', base: 'int' }
const PARTITION: Intent = {
  kind: 'add-partition-field',
  sourceId: 2,
  source: ['origin'],
  transform: 'bucket[16]',
  name: 'origin_bucket',
}
const SORT: Intent = {
  kind: 'replace-sort-order',
  fields: [{ sourceId: 2, source: ['origin'], transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }],
  base: 0,
}
const DEFAULT: Intent = { kind: 'set-write-default', fieldId: 2, column: ['origin'], value: '7', base: null }
const PROPERTY: Intent = { kind: 'set-property', key: 'owner', value: 'ada', base: null }

const TABLE = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const late = { kind: 'view' as const, catalog: 'local', namespace: ['demo'], name: 'late' }
const SILVER = { kind: 'table' as const, catalog: 'local', namespace: ['demo'], name: 'silver' }
const USES = [
  sampleUse({ name: 'everything' }),
  sampleUse({ name: 'by origin', columns: ['origin'] }),
  sampleUse({ name: 'unread', columns: ['carrier'] }),
  sampleUse({ name: 'unresolved', certainty: 'may-read' }),
  sampleUse({ name: 'late', kind: 'view', entry: late, columns: ['delay', 'origin'] }),
  sampleUse({ name: 'through', columns: ['delay'], via: late }),
  sampleUse({ name: 'delays', kind: 'check', columns: ['delay'] }),
  sampleUse({ name: 'nightly', kind: 'schedule' }),
  sampleUse({ name: 'silver', kind: 'schedule', entry: SILVER, columns: ['delay'] }),
]
const described = (intents: readonly Intent[]) =>
  readerEffects(TABLE, USES, intents).map(({ use, state, columns, text }) => [
    use.name,
    state,
    columns?.join(', '),
    text,
  ])

it('Readers that name a lost column break, those that may name it may break, and each says what happens', () => {
  expect(described([RENAME])).toEqual([
    ['late', 'breaks', 'delay', 'Its next read fails: a view finds columns by name.'],
    ['through', 'breaks', 'delay', 'Fails with demo.late, through which it reads this.'],
    ['delays', 'breaks', 'delay', 'Fails with an error, so that no branch passes it.'],
    ['silver', 'breaks', 'delay', 'Fails at its next run.'],
    ['everything', 'unknown', undefined, 'Reads every column: fails if its text also names delay.'],
    [
      'unresolved',
      'unknown',
      undefined,
      'May read this: its text contains the name, but Lakeshore cannot tell what it means there.',
    ],
  ])
  expect(summarizeEffects(readerEffects(TABLE, USES, [RENAME]))).toBe('4 of 6 known readers break; 2 may break.')
  expect(countBreaking(readerEffects(TABLE, USES, [RENAME]))).toBe('4 readers break')
})

it('Readers go on after other types, defaults, partitions and orders, and each says what it then reads', () => {
  const [, first] = described([WIDEN, PARTITION, SORT, DEFAULT])
  expect(first).toEqual([
    'by origin',
    'goes-on',
    'origin',
    'Goes on: origin is long instead of int; origin partitions new data by bucket[16](origin); origin orders new files; origin is 7 in new rows without a value.',
  ])
  const effects = readerEffects(TABLE, USES.slice(0, 2), [WIDEN])
  expect(summarizeEffects(effects)).toBe('None of 2 known readers is sure to break; 2 go on.')
  expect(countBreaking(effects)).toBeNull()
})

it('The only reader is named as such', () => {
  const summaryOf = (name: string, intent: Intent) =>
    summarizeEffects(
      readerEffects(
        TABLE,
        USES.filter((use) => use.name === name),
        [intent],
      ),
    )
  expect(summaryOf('late', RENAME)).toBe('The only known reader breaks.')
  expect(summaryOf('everything', RENAME)).toBe('The only known reader may break.')
  expect(summaryOf('everything', WIDEN)).toBe('The only known reader goes on.')
})

it('What may break is counted if nothing is sure to, and other changes concern no reader', () => {
  expect(countBreaking(readerEffects(TABLE, USES.slice(0, 1), [RENAME]))).toBe('1 reader may break')
  expect(described([PROPERTY])).toEqual([])
  expect([RENAME, PROPERTY].map((intent) => concernsReaders([intent]))).toEqual([true, false])
})

const OWN = { kind: 'table' as const, catalog: 'local', namespace: ['demo'], name: 'flights' }
const CHECK = sampleUse({ name: 'positive', kind: 'check', owner: null, entry: OWN, columns: ['delay'] })
const DROP: Intent = { kind: 'drop-column', fieldId: 1, column: ['delay'] }

it('A check of the table goes on when the same commit removes it, or gives it SQL without the lost names', () => {
  const key = 'lakeshore.check.positive'
  const effectWith = (edit: Intent) => {
    const [effect] = readerEffects(TABLE, [CHECK], [RENAME, edit])
    return [effect?.state, effect?.text]
  }
  const set = (value: string): Intent => ({ kind: 'set-property', key, value, base: 'x' })
  expect(effectWith(set('SELECT 1 FROM t WHERE delay_min < 0'))).toEqual([
    'goes-on',
    'Goes on: it is changed in the same commit.',
  ])
  expect(effectWith(set('SELECT 1 FROM t WHERE "delay" < 0'))[0]).toBe('unknown')
  expect(effectWith({ kind: 'remove-property', key, base: 'x' })[0]).toBe('goes-on')
  expect(effectWith(PROPERTY)[0], 'another property').toBe('breaks')
  const other = { ...CHECK, entry: { ...OWN, name: 'other' } }
  expect(readerEffects(TABLE, [other], [RENAME, set('x')])[0]?.state, 'a check of another table').toBe('breaks')
})

it('A check of the table can be renamed, too, if all its lost columns are renamed', () => {
  const renamed = (intents: readonly Intent[], use = CHECK) => {
    const [effect] = readerEffects(TABLE, [use], intents)
    return effect ? renamedColumns(TABLE, effect, intents) : 'no effect'
  }
  expect(renamed([RENAME])).toEqual(new Map([['delay', 'delay_min']]))
  expect(renamed([DROP])).toBeNull()
  expect(renamed([RENAME], { ...CHECK, columns: null }), 'it may name others').toBeNull()
  expect(renamed([RENAME], { ...CHECK, entry: { ...OWN, name: 'other' } })).toBeNull()
  expect(renamed([{ ...RENAME, column: ['delay', 'inner'] }]), 'a field in the column').toBeNull()
})

it('A rename of the table breaks what finds it by name, and not its own checks, which a drop takes', () => {
  const uses = [CHECK, sampleUse({ name: 'unresolved', certainty: 'may-read' }), ...USES.slice(4)]
  const of = (loss: 'rename' | 'drop') =>
    effectsOfLostName(TABLE, uses, loss).map(({ use, state, text }) => [use.name, state, text])
  expect(of('rename')).toEqual([
    ['late', 'breaks', 'Its next read fails: a view finds its tables by name.'],
    ['through', 'breaks', 'Fails with demo.late, through which it reads this.'],
    ['delays', 'breaks', 'Fails with an error, so that no branch passes it.'],
    ['nightly', 'breaks', 'Pauses before its next run.'],
    ['silver', 'breaks', 'Fails at its next run.'],
    ['unresolved', 'unknown', expect.stringContaining('May read this')],
    ['positive', 'goes-on', 'Goes on: it belongs to the table.'],
  ])
  expect(of('drop')[0]).toEqual(['positive', 'breaks', 'Is dropped with the table.'])
})
