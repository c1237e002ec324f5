import type { Intent } from '@/lib/changes/intents/intent'
import type { PreparedVerb, Verb } from './verb'
import type { VerbLake } from './verb-lake'

/** Changes of one table that go through the tray or the panels of its branches and tags, as intents. */

type IntentVerb = {
  name: Verb['name']
  title: string
  action: string
  typedName?: 'confirmedName'
  setUp: (lake: VerbLake) => Promise<{
    intents: readonly Intent[]
    other: readonly Intent[]
    change: () => Promise<unknown>
  }>
  /** How a changed target is refused, and why other than with `commit-conflict`. */
  differences?: readonly string[]
}

function intentVerb({ name, title, action, typedName, setUp, differences }: IntentVerb): Verb {
  return {
    name,
    title,
    endpoint: 'commitChanges',
    actions: [action],
    stale: 'commit-conflict',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: 'undoAction',
    ...(typedName && { typedName }),
    ...(differences && { differences }),
    async prepare(lake): Promise<PreparedVerb> {
      await lake.createTable()
      const { intents, other, change } = await setUp(lake)
      const confirmed = typedName ? { confirmedName: `${lake.namespace}.t` } : {}
      return {
        input: { ...lake.wire, table: 't', intents, ...confirmed },
        target: 't',
        change,
        other: { intents: other },
        proposal: {
          of: 'table',
          proposed: { action: { kind: 'change-table', intents } },
          async toReviewed(reviewer) {
            const { requestDigest } = await lake.get(reviewer, 'reviewChanges', { ...lake.wire, table: 't', intents })
            return { reviewed: { kind: 'change-table', requestDigest } }
          },
        },
        toUndo: (auditId) => ({ ...lake.wire, table: 't', auditId, confirmedName: `${lake.namespace}.t` }),
      }
    },
  }
}

const setOwner = (value: string, base: string | null): Intent => ({ kind: 'set-property', key: 'owner', value, base })
const NO_LIMITS = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }

export const TABLE_CHANGES: readonly Verb[] = [
  intentVerb({
    name: 'change-settings',
    title: 'Changing settings of a table',
    action: 'set-properties',
    setUp: async (lake) => ({
      intents: [setOwner('ada', null)],
      other: [setOwner('eve', null)],
      change: () => lake.setProperties({ owner: 'zoe' }),
    }),
  }),
  intentVerb({
    name: 'change-columns',
    title: 'Changing columns of a table',
    action: 'set-column-doc',
    setUp: async (lake) => {
      const describeAs = (doc: string): Intent => ({
        kind: 'set-column-doc',
        fieldId: 1,
        column: ['id'],
        doc,
        base: null,
      })
      return {
        intents: [describeAs('of the trip')],
        other: [describeAs('of the leg')],
        change: async () => {
          const { metadata } = await lake.load()
          const [schema] = metadata.schemas
          if (!schema) throw new Error('the table has no schema')
          const fields = schema.fields.map((field) => ({ ...field, doc: 'of another writer' }))
          await lake.catalog.write({
            kind: 'commit-table',
            table: lake.table(),
            change: {
              requirements: [],
              updates: [
                { action: 'add-schema', schema: { ...schema, schemaId: 1, fields } },
                { action: 'set-current-schema', schemaId: -1 },
              ],
            },
          })
        },
      }
    },
  }),
  intentVerb({
    name: 'create-ref',
    title: 'Creating a branch or a tag',
    action: 'create-ref',
    setUp: async (lake) => {
      const [first, second] = [await lake.append(), await lake.append()]
      const create = (refName: string): Intent => ({
        kind: 'create-ref',
        refName,
        type: 'branch',
        snapshotId: second,
        retention: NO_LIMITS,
      })
      return { intents: [create('audit')], other: [create('other')], change: () => lake.setRef('audit', first) }
    },
  }),
  intentVerb({
    name: 'move-ref',
    title: 'Moving a branch or a tag',
    action: 'roll-back',
    typedName: 'confirmedName',
    setUp: async (lake) => {
      const [first, second] = [await lake.append(), await lake.append()]
      const rollBack = (tag: string | null): Intent => ({
        kind: 'roll-back',
        fromSnapshotId: second,
        toSnapshotId: first,
        safetyTag: tag === null ? null : { name: tag, maxRefAgeMs: null },
      })
      return { intents: [rollBack(null)], other: [rollBack('before')], change: () => lake.append() }
    },
  }),
  intentVerb({
    name: 'fast-forward',
    title: 'Fast-forwarding a branch',
    action: 'fast-forward',
    setUp: async (lake) => {
      const first = await lake.append()
      await lake.setRef('audit', first)
      const audited = await lake.append('audit')
      await lake.setRef('other', audited)
      const forward = (toRefName: string): Intent => ({
        kind: 'fast-forward',
        refName: 'main',
        fromSnapshotId: first,
        toRefName,
        toSnapshotId: audited,
      })
      return { intents: [forward('audit')], other: [forward('other')], change: () => lake.append() }
    },
  }),
  intentVerb({
    name: 'rename-ref',
    title: 'Renaming a branch or a tag',
    action: 'rename-ref',
    setUp: async (lake) => {
      const first = await lake.append()
      const second = await lake.append()
      await lake.setRef('audit', second)
      const rename = (name: string): Intent => ({ kind: 'rename-ref', refName: 'audit', snapshotId: second, name })
      return { intents: [rename('checked')], other: [rename('other')], change: () => lake.setRef('audit', first) }
    },
  }),
  intentVerb({
    name: 'set-ref-retention',
    title: 'Setting how long a branch or a tag is retained',
    action: 'set-ref-retention',
    setUp: async (lake) => {
      const first = await lake.append()
      await lake.setRef('audit', first)
      const retain = (maxRefAgeMs: number): Intent => ({
        kind: 'set-ref-retention',
        refName: 'audit',
        retention: { ...NO_LIMITS, maxRefAgeMs },
        base: NO_LIMITS,
      })
      const change = () =>
        lake.catalog.write({
          kind: 'commit-table',
          table: lake.table(),
          change: {
            requirements: [],
            updates: [
              { action: 'set-snapshot-ref', refName: 'audit', snapshotId: first, type: 'branch', maxRefAgeMs: 5_000 },
            ],
          },
        })
      return { intents: [retain(86_400_000)], other: [retain(1_000)], change }
    },
  }),
  intentVerb({
    name: 'drop-ref',
    title: 'Removing a branch or a tag',
    action: 'drop-ref',
    typedName: 'confirmedName',
    setUp: async (lake) => {
      const first = await lake.append()
      await lake.setRef('audit', first)
      const audited = await lake.append('audit')
      const drop = (tag: string | null): Intent => ({
        kind: 'drop-ref',
        refName: 'audit',
        type: 'branch',
        snapshotId: audited,
        safetyTag: tag === null ? null : { name: tag, maxRefAgeMs: null },
      })
      return { intents: [drop(null)], other: [drop('before')], change: () => lake.append('audit') }
    },
  }),
]
