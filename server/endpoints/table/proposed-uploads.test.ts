import { describe, expect, it, test } from 'vitest'
import type { AppError } from '@/lib/errors'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { PROPOSAL_LIFE_MS } from '@/server/db/catalog/proposals'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import { readUpload, type Upload } from '@/server/db/uploads/uploads'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, type SignedInUser } from '@/testing/homes/test-home'
import { tusUploadHandlers } from '@/server/http/tus/serve-tus'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { uploadText } from '@/testing/uploads/complete-upload'
import { STAGE_HERE } from '@/testing/ingest/stage-here'

const home = createTestHome({}, STAGE_HERE)
const HOUR_MS = 3_600_000
const OPTIONS = { format: 'csv', ignoreExtra: false, maxRejectedRows: 0 } as const

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  const [proposer, other] = [await lake.signIn('editor'), await lake.signIn('editor')]
  return { lake, table: lake.table(), on: { ...lake.wire, table: 't' }, proposer, other }
}
type Opened = Awaited<ReturnType<typeof openLake>>

const upload = (user: SignedInUser, target: TableIdentifier, fileName: string, text: string) =>
  uploadText(home.services, user, { target, fileName, text })

const toAction = (uploads: readonly Upload[], fields: object = {}) => ({
  kind: 'load-uploads',
  uploads: uploads.map(({ uploadId, fileName, sizeBytes }) => ({ uploadId, fileName, sizeBytes })),
  ...OPTIONS,
  ...fields,
})

const propose = ({ lake, on, proposer }: Opened, action: object, fields: object = {}) =>
  lake.send(proposer, 'proposeChanges', { ...on, title: 'Rows of May', note: '', action, ...fields })

async function proposeOrThrow(opened: Opened, action: object): Promise<string> {
  const { status, body } = await propose(opened, action)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return (body['proposal'] as { proposalId: string }).proposalId
}

const commit = ({ lake, on }: Opened, user: SignedInUser, proposalId: string, fields: object = {}) =>
  lake.send(user, 'commitProposal', { ...on, proposalId, ...fields })

const runsOf = ({ table }: Opened) => listRuns(home.database, { kind: INGEST, table, limit: 9 })

async function carryOut(opened: Opened): Promise<Run> {
  const [run] = await runsOf(opened)
  if (!run) throw new Error('no run')
  const kinds = { [INGEST]: ingestRuns(home.services, home.services.runStage) }
  return runQueuedRun(home.services, run.id, kinds)
}

const expireUpload = ({ uploadId }: Upload) =>
  home.database.commit([rawChange('UPDATE uploads SET expires_at_ms = 1 WHERE id = ?', [uploadId])])

async function lifeMs({ uploadId, userId }: Upload): Promise<number> {
  return ((await readUpload(home.database, { uploadId, userId }))?.expiresAtMs ?? 0) - home.database.nowMs()
}

async function summaries({ lake }: Opened) {
  return (await lake.load()).metadata.snapshots.map(({ summary }) => summary)
}

test('Uploads that one user proposed are loaded as one snapshot once another user commits them, and removed then', async () => {
  const opened = await openLake()
  const { lake, table, on, proposer, other } = opened
  await lake.demandTwoPeople()
  const uploads = [
    await upload(proposer, table, 'a.csv', 'nr;note\n1;x\nx;y\n'),
    await upload(proposer, table, 'b.csv', 'nr;note\n9007199254740993;z\n'),
  ]
  const csv = { ...CSV_DEFAULTS, delimiter: ';' }
  const mapping = { columns: { id: { field: 'nr' } }, ignoredFields: ['note'] }
  const action = toAction(uploads, {
    csv,
    mapping,
    landing: { operation: 'append', branch: 'audit' },
    maxRejectedRows: 1,
  })
  const proposalId = await proposeOrThrow(opened, action)
  expect(await lake.get(other, 'getProposal', { ...on, proposalId })).toMatchObject({ proposal: { action } })

  expect(await commit(opened, proposer, proposalId)).toMatchObject({ status: 403 })
  expect(await commit(opened, await lake.signIn('viewer'), proposalId)).toMatchObject({ status: 403 })
  expect(await runsOf(opened)).toEqual([])
  const key = { idempotencyKey: 'key-of-this-commit' }
  const committed = await commit(opened, other, proposalId, key)
  expect(committed).toMatchObject({ status: 200, body: { metadataLocation: null } })
  expect(await commit(opened, other, proposalId, key)).toEqual(committed)
  expect(await runsOf(opened)).toMatchObject([
    { title: 'Load a.csv and 1 other file', actor: { username: other.username } },
  ])
  expect(await carryOut(opened)).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 2, rowsRejected: 1 } })
  const { metadata } = await lake.load()
  expect(metadata.snapshots).toHaveLength(1)
  expect(metadata.refs['audit']?.snapshotId).toBe(metadata.snapshots[0]?.snapshotId)
  for (const one of uploads) expect(await readUpload(home.database, one)).toBeNull()
})

test('The rows of an open proposal are previewed by users who may commit it, and by no other user', async () => {
  const opened = await openLake()
  const { lake, table, on, proposer, other } = opened
  const [one, secret] = [
    await upload(proposer, table, 'a.csv', 'nr\n1\nx\n'),
    await upload(proposer, table, 'secret.csv', 'id\n7\n'),
  ]
  const mapping = { columns: { id: { field: 'nr' } }, ignoredFields: [] }
  const proposalId = await proposeOrThrow(opened, toAction([one], { mapping }))
  const preview = (user: SignedInUser, fields: object = {}) =>
    lake.send(user, 'previewLoad', {
      ...on,
      input: { uploadId: one.uploadId },
      proposalId,
      format: 'csv',
      mapping,
      ...fields,
    })
  expect(await preview(other)).toMatchObject({
    status: 200,
    body: { rows: [{ line: 2, values: ['1'] }], rowsRead: 2, rowsRejected: 1 },
  })
  const hidden = { status: 404, body: { code: 'not-found' } }
  expect(await preview(await lake.signIn('viewer'))).toMatchObject({ status: 403 })
  expect(await preview(other, { input: { uploadId: secret.uploadId } })).toMatchObject(hidden)
  expect(await preview(other, { proposalId: 'none' })).toMatchObject(hidden)
  await lake.createTable('u')
  expect(await preview(other, { table: 'u' })).toMatchObject(hidden)
  await lake.get(proposer, 'withdrawProposal', { ...on, proposalId })
  expect(await preview(other)).toMatchObject(hidden)
})

test('Uploads live as long as their proposal, and as before once it is withdrawn or sent back', async () => {
  const opened = await openLake()
  const { lake, table, on, proposer } = opened
  const one = await upload(proposer, table, 'a.csv', 'id\n1\n')
  const usualMs = home.config.uploads.lifeMs
  expect(await lifeMs(one)).toBeLessThanOrEqual(usualMs)
  const first = await proposeOrThrow(opened, toAction([one]))
  expect(await lifeMs(one)).toBeGreaterThan(PROPOSAL_LIFE_MS + usualMs - HOUR_MS)
  await lake.get(proposer, 'withdrawProposal', { ...on, proposalId: first })
  expect(await lifeMs(one)).toBeLessThanOrEqual(usualMs)

  const second = await proposeOrThrow(opened, toAction([one]))
  expect(await lifeMs(one)).toBeGreaterThan(PROPOSAL_LIFE_MS)
  await lake.get(await lake.signIn('admin'), 'returnProposal', { ...on, proposalId: second, comment: 'Not now' })
  expect(await lifeMs(one)).toBeLessThanOrEqual(usualMs)
})

test('The same request proposes uploads once', async () => {
  const opened = await openLake()
  const one = await upload(opened.proposer, opened.table, 'a.csv', 'id\n1\n')
  const again = () => propose(opened, toAction([one]), { idempotencyKey: 'key-of-this-proposal' })
  const both = await Promise.all([again(), again()])
  expect(both[0]).toMatchObject({ status: 200 })
  expect(both[1]).toEqual(both[0])
  expect(await again()).toEqual(both[0])
})

describe('No user proposes', () => {
  it.each<[string, (opened: Opened) => Promise<object>, number, AppError['code'], string]>([
    [
      'an upload of another user',
      async ({ other, table }) => toAction([await upload(other, table, 'a.csv', 'id\n')]),
      404,
      'not-found',
      'There is no such upload of yours',
    ],
    [
      'an upload for another table',
      async ({ proposer, table }) => toAction([await upload(proposer, { ...table, table: 'other' }, 'a.csv', 'id\n')]),
      400,
      'invalid-request',
      'Upload it for this table.',
    ],
    [
      'an upload that is not complete',
      async ({ proposer, table: target }) =>
        toAction([
          await uploadText(home.services, proposer, { target, fileName: 'a.csv', text: 'id\n1\n', receivedText: 'id' }),
        ]),
      400,
      'invalid-request',
      'is still being uploaded',
    ],
    [
      'an upload that has expired',
      async ({ proposer, table }) => {
        const one = await upload(proposer, table, 'a.csv', 'id\n')
        await expireUpload(one)
        return toAction([one])
      },
      404,
      'not-found',
      'it has expired',
    ],
    [
      'an upload under another name',
      async ({ proposer, table }) =>
        toAction([{ ...(await upload(proposer, table, 'a.csv', 'id\n')), fileName: 'good.csv' }]),
      400,
      'invalid-request',
      'was proposed with another name or size',
    ],
    [
      'an upload twice',
      async ({ proposer, table }) => {
        const one = await upload(proposer, table, 'a.csv', 'id\n')
        return toAction([one, one])
      },
      400,
      'invalid-request',
      'is proposed twice',
    ],
    [
      'an upload that another open proposal loads',
      async (opened) => {
        const one = await upload(opened.proposer, opened.table, 'a.csv', 'id\n')
        await proposeOrThrow(opened, toAction([one]))
        return toAction([one])
      },
      400,
      'invalid-request',
      'belongs to the open proposal “Rows of May”',
    ],
    [
      'an upsert into a table without a key',
      async ({ proposer, table }) =>
        toAction([await upload(proposer, table, 'a.csv', 'id\n')], { landing: { operation: 'upsert', branch: null } }),
      400,
      'invalid-request',
      'identifier fields',
    ],
    [
      'the correction of a run that does not exist',
      async ({ proposer, table }) =>
        toAction([await upload(proposer, table, 'a.csv', 'id\n')], { correctsRun: '01M8G1FADBNX4F0M0N3TEG2XHF' }),
      404,
      'not-found',
      'There is no run',
    ],
    [
      'a file of the server',
      async () => ({ ...toAction([]), kind: 'load', input: 'file:///etc/passwd' }),
      400,
      'invalid-request',
      '',
    ],
  ])('%s', async (_, prepare, status, code, detail) => {
    const opened = await openLake()
    const action = await prepare(opened)
    const before = await opened.lake.rows('proposals')
    expect(await propose(opened, action)).toMatchObject({
      status,
      body: { code, detail: expect.stringContaining(detail) },
    })
    expect(await opened.lake.rows('proposals')).toEqual(before)
  })
})

test('A proposal whose upload was removed is not committed, and stays open', async () => {
  const opened = await openLake()
  const { lake, table, on, proposer, other } = opened
  const uploads = [await upload(proposer, table, 'a.csv', 'id\n1\n'), await upload(proposer, table, 'b.csv', 'id\n2\n')]
  const proposalId = await proposeOrThrow(opened, toAction(uploads))
  await expireUpload(uploads[1] as Upload)
  const before = await lake.state()
  expect(await commit(opened, other, proposalId)).toMatchObject({
    status: 404,
    body: {
      code: 'not-found',
      detail: `b.csv, which ${proposer.username} uploaded with the proposal, has expired, was loaded or was removed. Nothing was changed.`,
      facts: { hint: 'Send the proposal back or withdraw it, and propose the load again.' },
    },
  })
  expect(await lake.state()).toEqual(before)
  expect(await lake.get(other, 'getProposal', { ...on, proposalId })).toMatchObject({
    proposal: { state: 'open', lostFiles: ['b.csv'] },
  })
})

test('An upload is not removed while an open proposal loads it', async () => {
  const opened = await openLake()
  const { lake, on, table, proposer } = opened
  const one = await upload(proposer, table, 'a.csv', 'id\n1\n')
  const { uploadId } = one
  const proposalId = await proposeOrThrow(opened, toAction([one]))
  const remove = () =>
    tusUploadHandlers(home.services).DELETE(
      new Request(`http://localhost/api/v1/uploads/${uploadId}`, {
        method: 'DELETE',
        headers: { cookie: proposer.cookie, 'tus-resumable': '1.0.0' },
      }),
      { params: Promise.resolve({ upload: uploadId }) },
    )
  const refused = await remove()
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({
    detail: 'a.csv belongs to the open proposal “Rows of May”. Withdraw that one first.',
  })
  await lake.get(proposer, 'withdrawProposal', { ...on, proposalId })
  expect((await remove()).status).toBe(204)
})

test('A run whose upload was removed while it waited fails, and names the file', async () => {
  const opened = await openLake()
  const one = await upload(opened.proposer, opened.table, 'a.csv', 'id\n1\n')
  await commit(opened, opened.other, await proposeOrThrow(opened, toAction([one])))
  await expireUpload(one)
  const ended = await carryOut(opened)
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
  expect(ended.error?.detail).toMatch(/^a[.]csv is no longer uploaded/)
  expect(await summaries(opened)).toEqual([])
})

test('A proposed load that replaces rows needs the name, typed by the user who commits it', async () => {
  const opened = await openLake()
  const { lake, table, proposer, other } = opened
  await lake.append()
  const one = await upload(proposer, table, 'a.csv', 'id\n1\n')
  const landing = { operation: 'replace-table', branch: null }
  const proposalId = await proposeOrThrow(opened, toAction([one], { landing }))
  expect(await commit(opened, other, proposalId)).toMatchObject({ status: 400, body: { code: 'invalid-request' } })
  expect(await runsOf(opened)).toEqual([])
  const confirmedName = `${lake.namespace}.t`
  expect(await commit(opened, other, proposalId, { confirmedName })).toMatchObject({ status: 200 })
  expect(await carryOut(opened)).toMatchObject({ state: 'succeeded' })
  expect((await summaries(opened)).at(-1)).toMatchObject({ 'total-records': '1' })
})

test('A policy that was set after a load was proposed, or after its run was queued, holds it', async () => {
  const opened = await openLake()
  const { lake, table, proposer } = opened
  const proposeFile = async (fileName: string) =>
    proposeOrThrow(opened, toAction([await upload(proposer, table, fileName, 'id\n1\n')]))
  const [first, second] = [await proposeFile('a.csv'), await proposeFile('b.csv')]
  expect(await commit(opened, proposer, first)).toMatchObject({ status: 200 })
  await lake.demandTwoPeople()
  expect(await commit(opened, proposer, second)).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining('Another user has to commit') },
  })
  expect(await carryOut(opened)).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
  expect(await summaries(opened)).toEqual([])
})

test('A proposed load follows its table under another name, and is not for another table of the old one', async () => {
  const opened = await openLake()
  const { lake, table, on, proposer, other } = opened
  const proposalId = await proposeOrThrow(opened, toAction([await upload(proposer, table, 'a.csv', 'id\n1\n')]))
  const editor = await lake.signIn('admin')
  await lake.get(editor, 'renameTable', { ...on, toNamespace: lake.namespace, toTable: 'u' })
  await lake.createTable()
  expect(await commit(opened, other, proposalId)).toMatchObject({ status: 404 })
  const renamed = { ...opened, on: { ...on, table: 'u' }, table: lake.table('u') }
  expect(await commit(renamed, other, proposalId)).toMatchObject({ status: 200 })
  expect(await carryOut(renamed)).toMatchObject({ state: 'succeeded' })
  expect((await lake.load('u')).metadata.snapshots).toHaveLength(1)
})
