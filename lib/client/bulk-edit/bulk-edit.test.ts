import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { BulkEdit, type BulkEditCalls, MAX_BULK_TABLES } from './bulk-edit'

const SCHEMA = { fields: [] }
const NO_CONFLICT = { problem: null, conflicts: [], warnings: [] }
const CHANGES = [
  { key: 'owner', value: 'weather' },
  { key: 'old', value: null },
]
const COMMIT = () => ({ kind: 'commit' }) as const

/** A catalog in memory: later previews read earlier writes. */
function lakeOf(tables: Record<string, Record<string, string>>, failures: Partial<BulkEditCalls> = {}) {
  const written: { table: string; idempotencyKey: string }[] = []
  const calls: BulkEditCalls = {
    readTable: async (table) => {
      const properties = tables[table]
      if (!properties) throw new AppError('not-found', `There is no table ${table}.`)
      return { schema: SCHEMA, properties }
    },
    review: async () => NO_CONFLICT,
    write: async (table, { intents, idempotencyKey }) => {
      written.push({ table, idempotencyKey })
      const properties = { ...tables[table] }
      for (const intent of intents) {
        if (intent.kind === 'set-property') properties[intent.key] = intent.value
        else delete properties[intent.key]
      }
      tables[table] = properties
    },
    ...failures,
  }
  return { edit: new BulkEdit(calls), tables, written }
}

const statesOf = (edit: BulkEdit) =>
  Object.fromEntries([...edit.getSnapshot().edits].map(([table, { state }]) => [table, state]))

describe('An edit of many tables', () => {
  it('shows what becomes of each, and changes nothing before it is committed', async () => {
    const { edit, tables, written } = lakeOf({ a: { owner: 'x' }, b: { owner: 'weather' }, c: { old: '1' } })
    await edit.preview(['a', 'b', 'c', 'gone'], CHANGES)
    expect(statesOf(edit)).toEqual({ a: 'ready', b: 'unchanged', c: 'ready', gone: 'failed' })
    expect(edit.getSnapshot().edits.get('c')).toMatchObject({
      values: [
        { key: 'owner', before: null, after: 'weather' },
        { key: 'old', before: '1', after: null },
      ],
    })
    expect([written, tables['a']]).toEqual([[], { owner: 'x' }])

    await edit.write(['a', 'b', 'c', 'gone'], COMMIT)
    expect(statesOf(edit)).toEqual({ a: 'written', b: 'unchanged', c: 'written', gone: 'failed' })
    expect(tables).toEqual({ a: { owner: 'weather' }, b: { owner: 'weather' }, c: { owner: 'weather' } })

    await edit.preview(['a', 'b', 'c'], CHANGES)
    expect(statesOf(edit)).toEqual({ a: 'unchanged', b: 'unchanged', c: 'unchanged', gone: 'failed' })
  })

  it('is written to each in its own way', async () => {
    const methods: [string, string][] = []
    const { edit } = lakeOf(
      { a: {}, b: {} },
      { write: async (table, { how }) => void methods.push([table, how.kind === 'propose' ? how.title : how.kind]) },
    )
    await edit.preview(['a', 'b'], CHANGES)
    await edit.write(['a', 'b'], (table) =>
      table === 'a' ? { kind: 'commit' } : { kind: 'propose', title: 'As agreed', note: '' },
    )
    expect(methods.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['a', 'commit'],
      ['b', 'As agreed'],
    ])
    expect(edit.getSnapshot().edits.get('b')).toMatchObject({ state: 'written', how: { kind: 'propose' } })
  })

  it('says why a table refuses a change, and leaves it out', async () => {
    const review: BulkEditCalls['review'] = async (table) =>
      table === 'a' ? { ...NO_CONFLICT, problem: { message: 'No.' } } : { ...NO_CONFLICT, conflicts: [{}] }
    const { edit, written } = lakeOf({ a: {}, b: {} }, { review })
    await edit.preview(['a', 'b'], CHANGES)
    expect(edit.getSnapshot().edits.get('a')).toEqual({ state: 'refused', reason: 'No.' })
    expect(edit.getSnapshot().edits.get('b')).toMatchObject({ reason: expect.stringContaining('Another user') })
    await edit.write(['a', 'b'], COMMIT)
    expect(written).toEqual([])
  })

  it('sends a write whose outcome is not known again under the same key, and one that failed under another', async () => {
    const sent: string[] = []
    const errors = [
      new AppError('commit-state-unknown', 'lost'),
      new AppError('commit-conflict', 'changed'),
      new AppError('commit-conflict', 'changed'),
    ]
    const write: BulkEditCalls['write'] = async (_, { idempotencyKey }) => {
      sent.push(idempotencyKey)
      const error = errors.shift()
      if (error) throw error
    }
    const { edit } = lakeOf({ a: {} }, { write })
    await edit.preview(['a'], CHANGES)
    for (const state of ['failed', 'failed', 'failed', 'written']) {
      await edit.write(['a'], COMMIT)
      expect(statesOf(edit)).toEqual({ a: state })
    }
    expect(sent[1]).toBe(sent[0])
    expect(new Set(sent).size).toBe(3)
  })

  it('stops between tables, and what it had begun comes to its end', async () => {
    const tables = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`t${i}`, {}]))
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const done: string[] = []
    const { edit } = lakeOf(tables, {
      write: async (table) => {
        await held
        done.push(table)
      },
    })
    await edit.preview(Object.keys(tables), CHANGES)
    const writing = edit.write(Object.keys(tables), COMMIT)
    expect(edit.getSnapshot().running).toBe('write')
    // Something else cannot begin meanwhile.
    await edit.preview(['t19'], CHANGES)
    edit.cancel()
    release()
    await writing
    expect(done).toEqual(['t0', 't1'])
    expect(edit.getSnapshot().running).toBeNull()
    expect(Object.values(statesOf(edit)).filter((state) => state === 'ready')).toHaveLength(18)
  })

  it('forgets a preview that was cancelled, and has a bound', async () => {
    const { edit } = lakeOf(
      {},
      {
        readTable: (_, signal) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new AppError('cancelled', 'The request was cancelled.'))),
          ),
      },
    )
    const reading = edit.preview(['a', 'b'], CHANGES)
    expect(statesOf(edit)).toEqual({ a: 'reading', b: 'reading' })
    edit.cancel()
    await reading
    expect(statesOf(edit)).toEqual({})
    const many = Array.from({ length: MAX_BULK_TABLES + 1 }, (_, i) => `t${i}`)
    await expect(edit.preview(many, CHANGES)).rejects.toMatchObject({ code: 'too-large' })
  })
})
