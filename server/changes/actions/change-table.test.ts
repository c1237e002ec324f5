import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import type { Intent } from '@/lib/changes/intents/intent'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { grantsOfRole } from '@/lib/permissions'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit, readAudit } from '@/server/db/audit-list'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import { appendFiles } from '@/server/table/commit/append-files'
import { buildChangeRequest } from '@/server/table/commit/change-request'
import { readHistory } from '@/server/table/history/read-history'
import { changeTableAction, commitIntents } from './change-table'
import { undoAction } from './undo'
import { undoBlocker } from '@/server/table/commit/undo-plan'
import { undo } from '@/testing/lifecycle/actions'
import { showReview } from '../pipeline/review-action'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }

const home = createTestHome()

let catalog: CatalogClient
let identifier: TableIdentifier
let uuid: string
let tables = 0

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `t${tables}` }
  const { metadata } = await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
    properties: { owner: 'me' },
  })
  uuid = metadata.tableUuid
})

const signal = new AbortController().signal
const options = { actor: ANN, signal, requestId: 'r1' }
const setProperty = (key: string, value: string, base: string | null): Intent => ({
  kind: 'set-property',
  key,
  value,
  base,
})
const commit = (intents: readonly Intent[], idempotencyKey?: string) =>
  commitIntents(home.services, identifier, intents, {
    ...options,
    ...(idempotencyKey && { idempotencyKey }),
  })
const properties = async () => (await catalog.loadTable(identifier)).metadata.properties
const append = async (name: string) => {
  const { metadata } = await catalog.loadTable(identifier)
  const { snapshotId } = await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files: [sampleDataFile(`${metadata.location}/data/${name}.parquet`)],
    specId: 0,
    schemaId: 0,
    actor: ANN,
    signal,
  })
  return snapshotId
}

describe('A person’s change', () => {
  test('is one commit and one audit row with before and after', async () => {
    const before = await catalog.loadTable(identifier)
    const { table, auditId } = await commit([
      setProperty('a', '1', null),
      { kind: 'remove-property', key: 'owner', base: 'me' },
    ])
    expect(await properties()).toMatchObject({ a: '1' })
    expect(await properties()).not.toHaveProperty('owner')
    expect(await listAudit(home.database, { tableUuid: uuid, limit: 10 })).toEqual([
      {
        id: auditId,
        namespace: null,
        atMs: expect.any(Number),
        actor: { userId: 'u1', username: 'ann' },
        via: null,
        origin: { kind: 'console' },
        action: 'set-properties',
        table: identifier,
        tableUuid: uuid,
        before: { metadataLocation: before.metadataLocation, properties: { a: null, owner: 'me' } },
        after: { metadataLocation: table.metadataLocation, properties: { a: '1', owner: null } },
        requestId: 'r1',
        outcome: null,
        undoes: null,
        undoneBy: null,
      },
    ])
  })

  test('is refused, and not reviewed, when another table has taken the name since', async () => {
    const intents = [setProperty('a', '1', null)]
    const refusal = { code: 'commit-conflict', message: /^Another table has the name demo\.t\d+ now/ }
    const forEarlier = { ...options, tableUuid: 'of the table before' }
    await expect(commitIntents(home.services, identifier, intents, forEarlier)).rejects.toMatchObject(refusal)
    const input = { intents, tableUuid: 'of the table before' }
    await expect(
      showReview(home.services, changeTableAction, { on: identifier, input }, options),
    ).rejects.toMatchObject(refusal)
    expect(await properties()).not.toHaveProperty('a')
    await commitIntents(home.services, identifier, intents, { ...options, tableUuid: uuid })
    expect(await properties()).toMatchObject({ a: '1' })
  })

  test('of the format version is one that the audit and the history show, and cannot be undone', async () => {
    const { metadata: before } = await catalog.loadTable(identifier)
    const upgrade: Intent = { kind: 'upgrade-format-version', formatVersion: 3, base: before.formatVersion }
    await expect(commit([upgrade])).rejects.toMatchObject({ code: 'invalid-request', message: /^To confirm, type/ })
    expect(await catalog.loadTable(identifier)).toMatchObject({ metadata: { formatVersion: before.formatVersion } })
    const { auditId } = await commitIntents(home.services, identifier, [upgrade], {
      ...options,
      confirmedName: `demo.${identifier.table}`,
    })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      before: { layout: { 'format version': String(before.formatVersion) } },
      after: { layout: { 'format version': '3' } },
    })
    const table = await catalog.loadTable(identifier)
    expect((await readHistory(home.services, table, null, { actor: ANN, catalog, signal })).entries[0]).toMatchObject({
      changes: [{ kind: 'layout', name: 'format version', before: String(before.formatVersion), after: '3' }],
      isUndoable: false,
      undoBlocker: 'no-reverse',
    })
  })

  test('to a property named like an inherited member of objects has "not set" as its old value', async () => {
    await commit([setProperty('constructor', 'mine', null), setProperty('__proto__', 'too', null)])
    const [entry] = await listAudit(home.database, { tableUuid: uuid, limit: 1 })
    expect(Object.entries(entry?.before?.properties ?? {})).toEqual([
      ['__proto__', null],
      ['constructor', null],
    ])
    const table = await catalog.loadTable(identifier)
    expect(
      (await readHistory(home.services, table, null, { actor: ANN, catalog, signal })).entries[0]?.changes,
    ).toEqual([
      { kind: 'property', name: '__proto__', before: null, after: 'too' },
      { kind: 'property', name: 'constructor', before: null, after: 'mine' },
    ])
  })

  test('never overwrites a newer change by another user, and then leaves no audit row', async () => {
    await commit([setProperty('a', 'theirs', null)])
    await expect(commit([setProperty('a', 'mine', null), setProperty('b', 'mine', null)])).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(await properties()).toMatchObject({ a: 'theirs' })
    expect(await properties()).not.toHaveProperty('b')
    expect(await listAudit(home.database, { tableUuid: uuid, limit: 10 })).toHaveLength(1)
  })

  test('by several people at once succeeds for one when they set the same property, and for all otherwise', async () => {
    const same = await Promise.allSettled(['1', '2', '3'].map((value) => commit([setProperty('same', value, null)])))
    expect(same.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await Promise.all(['x', 'y', 'z'].map((key) => commit([setProperty(key, '1', null)])))
    expect(await properties()).toMatchObject({ x: '1', y: '1', z: '1' })
  })

  test('is refused when the table is already in that state', async () => {
    await expect(commit([setProperty('owner', 'me', 'me')])).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await listAudit(home.database, { tableUuid: uuid, limit: 10 })).toEqual([])
  })
})

describe('A request that is repeated with the same key', () => {
  test('is carried out once and gets the same answer', async () => {
    const first = await commit([setProperty('a', '1', null)], 'key-1')
    await commit([setProperty('b', '1', null)])
    const repeated = await commit([setProperty('a', '1', null)], 'key-1')
    expect(repeated.auditId).toBe(first.auditId)
    expect(repeated.table).toEqual(await catalog.loadTable(identifier))
    expect(await listAudit(home.database, { tableUuid: uuid, limit: 10 })).toHaveLength(2)
  })

  test('is found by its key, and a request that was never made is not', async () => {
    const { auditId } = await commit([setProperty('a', '1', null)], 'key-found')
    const found = (key: string, userId = ANN.userId) => findWriteOutcome(home.database, { userId }, key)
    expect(await found('key-found')).toEqual({ outcome: 'committed', auditId })
    expect(await found('key-other')).toEqual({ outcome: 'not-committed', auditId: null })
    expect(await found('key-found', 'another-user')).toEqual({ outcome: 'not-committed', auditId: null })
  })

  test('is carried out once even if both run at the same time', async () => {
    const results = await Promise.all([1, 2, 3].map(() => commit([setProperty('a', '1', null)], 'key-2')))
    expect(new Set(results.map(({ auditId }) => auditId)).size).toBe(1)
    expect(await listAudit(home.database, { tableUuid: uuid, limit: 10 })).toHaveLength(1)
  })

  test('is refused when it asks for something else', async () => {
    await commit([setProperty('a', '1', null)], 'key-3')
    await expect(commit([setProperty('a', '2', '1')], 'key-3')).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await properties()).toMatchObject({ a: '1' })
  })

  test('may be retried after it was refused', async () => {
    await expect(commit([setProperty('a', '1', 'other')], 'key-4')).rejects.toMatchObject({ code: 'commit-conflict' })
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { a: 'other' } }],
      },
    })
    await commit([setProperty('a', '1', 'other')], 'key-4')
    expect(await properties()).toMatchObject({ a: '1' })
  })
})

describe('Undo', () => {
  const NO_RETENTION = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
  const BEFORE_UNDO = { name: 'before-undo', maxRefAgeMs: null }
  const fullName = () => `${namespaceLabel(identifier.namespace)}.${identifier.table}`
  const readPreview = (auditId: string, safetyTag: SafetyTag | null = BEFORE_UNDO) => {
    const requested = { on: identifier, input: { auditId, safetyTag } }
    return showReview(home.services, undoAction, requested, { actor: ANN, signal })
  }
  /** Undoes the entry, and compares the audited commit with the request that the preview showed. */
  const requireSameRequest = async (id: string, safetyTag: SafetyTag | null) => {
    const shown = await readPreview(id, safetyTag)
    const before = await catalog.loadTable(identifier)
    const { auditId } = await undo(home.services, identifier, id, {
      ...options,
      confirmedName: fullName(),
      safetyTag,
    })
    const intents = (await readAudit(home.database, auditId))?.after?.intents ?? []
    expect(shown.request).toEqual(await buildChangeRequest(catalog, before, intents, signal))
    expect(shown.request).toEqual(shown.impact?.request)
  }
  const readIsUndoable = async (id: string) => {
    const entry = await readAudit(home.database, id)
    return entry !== null && undoBlocker(entry, (await catalog.loadTable(identifier)).metadata, null) === null
  }

  test('restores the old values of properties, and can itself be undone', async () => {
    const { auditId } = await commit([setProperty('owner', 'you', 'me'), setProperty('a', '1', null)])
    expect(await readIsUndoable(auditId)).toBe(true)
    const undone = await undo(home.services, identifier, auditId, options)
    expect(await properties()).toMatchObject({ owner: 'me' })
    expect(await properties()).not.toHaveProperty('a')
    expect((await readAudit(home.database, auditId))?.undoneBy).toBe(undone.auditId)
    expect(await readAudit(home.database, undone.auditId)).toMatchObject({ action: 'undo', undoes: auditId })
    expect(await readIsUndoable(auditId)).toBe(false)
    await undo(home.services, identifier, undone.auditId, options)
    expect(await properties()).toMatchObject({ owner: 'you', a: '1' })
  })

  test('is refused when the same property was changed since, and allowed when another was', async () => {
    const { auditId } = await commit([setProperty('a', '1', null)])
    await commit([setProperty('b', '1', null)])
    expect(await readIsUndoable(auditId)).toBe(true)
    await commit([setProperty('a', '2', '1')])
    expect(await readIsUndoable(auditId)).toBe(false)
    await expect(undo(home.services, identifier, auditId, options)).rejects.toMatchObject({ code: 'commit-conflict' })
    expect(await properties()).toMatchObject({ a: '2', b: '1' })
  })

  test('of a rollback moves main back to its earlier tip, unless another writer moved it since', async () => {
    const [first, second] = [await append('a'), await append('b')]
    const rollBack: Intent = {
      kind: 'roll-back',
      fromSnapshotId: second,
      toSnapshotId: first,
      safetyTag: { name: 'before-roll-back', maxRefAgeMs: null },
    }
    const rolledBack = await commitIntents(home.services, identifier, [rollBack], {
      ...options,
      confirmedName: fullName(),
    })
    expect(rolledBack.table.metadata.currentSnapshotId).toBe(first)
    expect(await readAudit(home.database, rolledBack.auditId)).toMatchObject({
      before: { refs: { main: second, 'before-roll-back': null } },
      after: { refs: { main: first, 'before-roll-back': second } },
    })
    expect(await readIsUndoable(rolledBack.auditId)).toBe(true)
    const { table } = await undo(home.services, identifier, rolledBack.auditId, options)
    expect(table.metadata.currentSnapshotId).toBe(second)

    const repeated = await commitIntents(home.services, identifier, [{ ...rollBack, safetyTag: null }], {
      ...options,
      confirmedName: fullName(),
    })
    await append('c')
    expect(await readIsUndoable(repeated.auditId)).toBe(false)
    await expect(undo(home.services, identifier, repeated.auditId, options)).rejects.toMatchObject({
      code: 'commit-conflict',
    })
  })

  test('of an append moves main back; a table’s first append cannot be undone', async () => {
    const first = await append('a')
    const second = await append('b')
    const [secondEntry, firstEntry] = await listAudit(home.database, { tableUuid: uuid, limit: 10 })
    expect(firstEntry && (await readIsUndoable(firstEntry.id))).toBe(false)
    await expect(undo(home.services, identifier, firstEntry?.id ?? '', options)).rejects.toMatchObject({
      code: 'not-supported',
    })
    const undoSecond = (confirmedName?: string) =>
      undo(home.services, identifier, secondEntry?.id ?? '', { ...options, confirmedName, safetyTag: BEFORE_UNDO })
    for (const name of [undefined, 'demo.other']) {
      await expect(undoSecond(name)).rejects.toMatchObject({ code: 'invalid-request' })
    }
    expect((await catalog.loadTable(identifier)).metadata.currentSnapshotId).toBe(second)
    await undoSecond(fullName())
    const { metadata } = await catalog.loadTable(identifier)
    expect(metadata.currentSnapshotId).toBe(first)
    expect(metadata.refs['before-undo']).toMatchObject({ type: 'tag', snapshotId: second })
  })

  test('shows what it would remove before it does', async () => {
    const first = await append('a')
    const second = await append('b')
    const [entry] = await listAudit(home.database, { tableUuid: uuid, limit: 1 })
    const preview = await readPreview(entry?.id ?? '')
    expect(preview).toMatchObject({ action: 'append', needsConfirmation: true, properties: [] })
    expect(preview.impact).toMatchObject({
      fromSnapshotId: second,
      toSnapshotId: first,
      removedSnapshotCount: 1,
      addedSnapshotCount: 0,
      unreferencedSnapshotIds: [second],
    })
    expect(preview.impact?.rows.removed).toBeGreaterThan(0)
    expect(preview.request.body).toContain('before-undo')
    expect((await catalog.loadTable(identifier)).metadata.currentSnapshotId).toBe(second)
  })

  test('asks for no name when it puts back what a rollback removed, or when main does not move', async () => {
    const [first, second] = [await append('a'), await append('b')]
    const rollBack: Intent = { kind: 'roll-back', fromSnapshotId: second, toSnapshotId: first, safetyTag: null }
    const rolledBack = await commitIntents(home.services, identifier, [rollBack], {
      ...options,
      confirmedName: fullName(),
    })
    const preview = await readPreview(rolledBack.auditId)
    expect(preview).toMatchObject({
      needsConfirmation: false,
      impact: { removedSnapshotCount: 0, addedSnapshotCount: 1 },
    })
    const changed = await commit([setProperty('a', '1', null)])
    expect(await readPreview(changed.auditId)).toMatchObject({
      needsConfirmation: false,
      impact: null,
      properties: [{ name: 'a', now: '1', after: null }],
    })
    await undo(home.services, identifier, rolledBack.auditId, options)
    expect((await catalog.loadTable(identifier)).metadata.currentSnapshotId).toBe(second)
  })

  test.each([
    ['with a safety tag', BEFORE_UNDO],
    ['without a safety tag', null],
  ])('of an append shows the request that it sends, %s', async (_name, safetyTag) => {
    await append('a')
    const second = await append('b')
    const [entry] = await listAudit(home.database, { tableUuid: uuid, limit: 1 })
    await requireSameRequest(entry?.id ?? '', safetyTag)
    const { refs } = (await catalog.loadTable(identifier)).metadata
    expect(refs['before-undo']?.snapshotId).toBe(safetyTag === null ? undefined : second)
  })

  test('of a rollback shows the request that it sends', async () => {
    const [first, second] = [await append('a'), await append('b')]
    const rollBack: Intent = { kind: 'roll-back', fromSnapshotId: second, toSnapshotId: first, safetyTag: null }
    const { auditId } = await commitIntents(home.services, identifier, [rollBack], {
      ...options,
      confirmedName: fullName(),
    })
    await requireSameRequest(auditId, null)
    expect(Object.keys((await catalog.loadTable(identifier)).metadata.refs)).toEqual(['main'])
  })

  test('keeps the tip of main with the safety tag when it moves other refs, too', async () => {
    const [first, second] = [await append('a'), await append('b')]
    const audit: Intent = {
      kind: 'create-ref',
      refName: 'audit',
      type: 'branch',
      snapshotId: first,
      retention: NO_RETENTION,
    }
    await commit([audit])
    const move = (refName: string, fromSnapshotId: string, toSnapshotId: string): Intent => {
      return { kind: 'set-ref', refName, fromSnapshotId, toSnapshotId, safetyTag: null }
    }
    const back = await commitIntents(home.services, identifier, [move('main', second, first)], {
      ...options,
      confirmedName: fullName(),
    })
    expect(back.table.metadata.currentSnapshotId).toBe(first)
    const both = await commit([move('audit', first, second), move('main', first, second)])
    const preview = await readPreview(both.auditId)
    expect(preview.needsConfirmation).toBe(true)
    const undone = await undo(home.services, identifier, both.auditId, {
      ...options,
      confirmedName: fullName(),
      safetyTag: BEFORE_UNDO,
      idempotencyKey: 'undo-of-both-refs',
    })
    expect(undone.table.metadata.refs).toMatchObject({
      main: { snapshotId: first },
      audit: { snapshotId: first },
      'before-undo': { type: 'tag', snapshotId: second },
    })
    const repeated = await undo(home.services, identifier, both.auditId, {
      ...options,
      confirmedName: fullName(),
      safetyTag: BEFORE_UNDO,
      idempotencyKey: 'undo-of-both-refs',
    })
    expect(repeated.auditId).toBe(undone.auditId)
  })

  test('of a new branch keeps its tip with the safety tag when no other ref reaches it', async () => {
    const [first, second] = [await append('a'), await append('b')]
    const rollBack: Intent = { kind: 'roll-back', fromSnapshotId: second, toSnapshotId: first, safetyTag: null }
    await commitIntents(home.services, identifier, [rollBack], { ...options, confirmedName: fullName() })
    const audit: Intent = {
      kind: 'create-ref',
      refName: 'audit',
      type: 'branch',
      snapshotId: second,
      retention: NO_RETENTION,
    }
    const { auditId } = await commit([audit])
    const preview = await readPreview(auditId)
    expect(preview).toMatchObject({ needsConfirmation: true, impact: null })
    expect(preview.request.body).toContain('before-undo')
    const { table } = await undo(home.services, identifier, auditId, {
      ...options,
      confirmedName: fullName(),
      safetyTag: BEFORE_UNDO,
    })
    expect(table.metadata.refs).toMatchObject({ 'before-undo': { type: 'tag', snapshotId: second } })
    expect(table.metadata.refs).not.toHaveProperty('audit')
  })

  test('does not show a secret that it would restore', async () => {
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { 'jdbc.password': 'open sesame' } }],
      },
    })
    const { auditId } = await commit([{ kind: 'remove-property', key: 'jdbc.password', base: 'open sesame' }])
    const preview = await readPreview(auditId)
    expect(preview.properties).toMatchObject([
      { name: 'jdbc.password', now: null, after: expect.stringMatching(/^hidden/) },
    ])
    expect(JSON.stringify(preview)).not.toContain('sesame')
  })

  test('does not show a secret that was changed since', async () => {
    const setPassword = (value: string) =>
      catalog.write({
        kind: 'commit-table',
        table: identifier,
        change: {
          requirements: [],
          updates: [{ action: 'set-properties', updates: { 'jdbc.password': value } }],
        },
      })
    await setPassword('open sesame')
    const { auditId } = await commit([{ kind: 'remove-property', key: 'jdbc.password', base: 'open sesame' }])
    await setPassword('swordfish')
    const error = await readPreview(auditId).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'commit-conflict', facts: { key: 'jdbc.password' } })
    if (!(error instanceof AppError)) throw error
    const { message, facts } = error
    expect(JSON.stringify([message, facts])).not.toMatch(/sesame|swordfish/)
  })

  test('is offered once for main: for its last move, not for an older one to the same tip', async () => {
    const [first, second, third] = [await append('a'), await append('b'), await append('c')]
    const readOffers = async () => {
      const table = await catalog.loadTable(identifier)
      const { entries } = await readHistory(home.services, table, null, { actor: ANN, catalog, signal })
      return entries.filter((entry) => entry.isUndoable).map(({ action, snapshotId }) => [action, snapshotId])
    }
    expect(await readOffers()).toEqual([['append', third]])
    const [entry] = await listAudit(home.database, { tableUuid: uuid, limit: 1 })
    await undo(home.services, identifier, entry?.id ?? '', { ...options, confirmedName: fullName() })
    expect(await readOffers()).toEqual([['undo', second]])
    const rollBack: Intent = { kind: 'roll-back', fromSnapshotId: second, toSnapshotId: first, safetyTag: null }
    const rolledBack = await commitIntents(home.services, identifier, [rollBack], {
      ...options,
      confirmedName: fullName(),
    })
    await undo(home.services, identifier, rolledBack.auditId, options)
    expect(await readOffers()).toEqual([['undo', second]])
    const table = await catalog.loadTable(identifier)
    const { entries } = await readHistory(home.services, table, null, { actor: ANN, catalog, signal })
    expect(entries.slice(0, 4).map(({ action, undoBlocker }) => [action, undoBlocker])).toEqual([
      ['undo', null],
      [entries[1]?.action, 'undone'],
      ['undo', 'changed-since'],
      ['append', 'undone'],
    ])
    // The undo refuses what the history does not offer.
    const undoAt = (index: number) =>
      undo(home.services, identifier, entries[index]?.auditId ?? '', { ...options, confirmedName: fullName() })
    await expect(undoAt(1)).rejects.toMatchObject({ code: 'not-supported' })
    await expect(undoAt(2)).rejects.toMatchObject({
      code: 'commit-conflict',
      message: expect.stringMatching(/^main has moved since/),
    })
    await expect(undoAt(3)).rejects.toMatchObject({ code: 'not-supported' })
    expect((await catalog.loadTable(identifier)).metadata.currentSnapshotId).toBe(second)
  })

  test('is not offered for a value that only a deleted metadata file had', async () => {
    await commit([setProperty('note', 'a'.repeat(5_000), null)])
    const { metadataLocation } = await catalog.loadTable(identifier)
    const { auditId } = await commit([setProperty('note', 'b', 'a'.repeat(5_000))])
    const readBlocker = async () => {
      const table = await catalog.loadTable(identifier)
      const { entries } = await readHistory(home.services, table, null, { actor: ANN, catalog, signal })
      return entries.find((entry) => entry.auditId === auditId)?.undoBlocker
    }
    expect(await readBlocker()).toBeNull()
    rmSync(fileURLToPath(metadataLocation))
    expect(await readBlocker()).toBe('too-late')
    await expect(undo(home.services, identifier, auditId, options)).rejects.toMatchObject({ code: 'not-supported' })
  })

  test('only accepts entries of this very table', async () => {
    const { auditId } = await commit([setProperty('a', '1', null)])
    await catalog.write({ kind: 'drop-table', table: identifier })
    await catalog.write({
      kind: 'create-table',
      table: identifier,
      schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
    })
    await expect(undo(home.services, identifier, auditId, options)).rejects.toMatchObject({ code: 'not-found' })
    await expect(undo(home.services, identifier, 'none', options)).rejects.toMatchObject({
      code: 'not-found',
      facts: { auditId: 'none' },
    })
    expect(await readAudit(home.database, 'none')).toBeNull()
  })
})

describe('The audit', () => {
  test('is listed newest first, page by page, and can be neither changed nor removed', async () => {
    for (const value of ['1', '2', '3']) await commit([setProperty(`k${value}`, value, null)])
    const [newest, middle] = await listAudit(home.database, { tableUuid: uuid, limit: 2 })
    expect(newest?.after?.properties).toEqual({ k3: '3' })
    const rest = await listAudit(home.database, { tableUuid: uuid, limit: 10, before: middle?.id ?? '' })
    expect(rest.map(({ after }) => after?.properties)).toEqual([{ k1: '1' }])
    expect((await listAudit(home.database, { limit: 10_000 })).length).toBeGreaterThanOrEqual(3)
    const database = home.database
    await expect(database.commit([rawChange("UPDATE audit SET actor_name = 'bob'")])).rejects.toThrow(
      /never (changed|removed)/,
    )
    await expect(database.commit([rawChange('DELETE FROM audit')])).rejects.toThrow(/never (changed or )?removed/)
  })
})
