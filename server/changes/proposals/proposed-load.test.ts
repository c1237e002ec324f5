import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProposedLoad } from '@/lib/contract/shapes/proposed-table-action'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { type Actor, actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { claimRun } from '@/server/db/jobs/run-leases'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import { digestInput, digestLocationFile } from '@/server/ingest/run/input-digest'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST, parseSchema, toFileLocation } from '@/server/ingest/run/ingest-spec'
import type { RunStage } from '@/server/ingest/run/run-child'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { openLoadLocation } from '@/server/load-locations/open-location'
import { retryRun } from '@/server/jobs/change-run'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { loadFiles } from '../actions/loads/load-file'
import { commitProposal, propose, readProposal, readProposalRun } from './proposals'

const drop = mkdtempSync(path.join(realpathSync(tmpdir()), 'lakeshore-drop-'))
afterAll(() => rmSync(drop, { recursive: true }))
const home = createTestHome({ LAKESHORE_LOAD_LOCATIONS: `drop=file://${drop}` })
const SCHEMA = JSON.stringify({ type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] })
const signal = new AbortController().signal
const request = (actor: Actor) => ({ actor, signal, requestId: null })
const signIn = async () => actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
const stage: RunStage = (staged, { onProgress }) => stageInput(staged, onProgress)

let count = 0
let table: { catalog: string; namespace: string[]; table: string }
let file: string
let load: ProposedLoad
let [edna, eric]: Actor[] = []

beforeEach(async () => {
  count += 1
  table = { catalog: home.config.catalogName, namespace: [`n${count}`], table: 't' }
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: table.namespace, properties: {} })
  await catalog.write({ kind: 'create-table', table: table, schema: parseSchema(SCHEMA) })
  file = path.join(home.config.homeDir, `in-${count}.csv`)
  writeFileSync(file, 'id\n1\n2\n')
  const digest = await digestInput(home.services.stores, toFileLocation(file), signal)
  const options = { format: 'csv', ignoreExtra: false, maxRejectedRows: 0 } as const
  load = { kind: 'load', input: toFileLocation(file), ...options, ...digest }
  ;[edna, eric] = [await signIn(), await signIn()]
})

const proposer = () => edna as Actor
const other = () => eric as Actor
const entry = () => ({ kind: 'table', identifier: table }) as const
const demandTwo = (requiresProposal: boolean) =>
  home.database.commit([setPolicyChange(table, { requiresProposal, by: 'ada' })])
const run = ({ id }: Pick<Run, 'id'>, runStage = stage) =>
  runQueuedRun(home.services, id, { [INGEST]: ingestRuns(home.services, runStage) })
const retry = (failed: Run, actor: Actor) => retryRun(home.database, failed.id, { actor, requestId: null })

async function proposeLoad(actor = proposer()): Promise<string> {
  const proposed = { action: load, title: 'New rows', note: '' }
  return (await propose(home.services, entry(), proposed, request(actor))).proposalId
}

async function newestRun(): Promise<Run> {
  const [newest] = await listRuns(home.database, { kind: INGEST, table, limit: 1 })
  if (!newest) throw new Error('no run')
  return newest
}

/** Proposes the load, and commits it as another user. */
async function agree(): Promise<Run> {
  await commitProposal(home.services, entry(), await proposeLoad(), request(other()))
  return newestRun()
}

async function rowCounts(): Promise<(string | undefined)[]> {
  const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
  return metadata.snapshots.map(({ summary }) => summary['added-records'])
}

describe('A load where changes need two people', () => {
  test('is carried out when another user than its proposer commits it, once under one key', async () => {
    await demandTwo(true)
    expect(load).toMatchObject({
      sizeBytes: 7,
      sha256: createHash('sha256').update('id\n1\n2\n').digest('hex'),
    })
    const proposalId = await proposeLoad()
    const commitAs = (actor: Actor) =>
      commitProposal(home.services, entry(), proposalId, { ...request(actor), idempotencyKey: 'key-of-this-load' })
    await expect(commitAs(proposer())).rejects.toMatchObject({ code: 'forbidden' })
    expect(await listRuns(home.database, { table, limit: 9 })).toEqual([])

    const committed = await commitAs(other())
    expect(await commitAs(other())).toEqual(committed)
    const queued = await newestRun()
    expect(await listRuns(home.database, { table, limit: 9 })).toHaveLength(1)
    expect(await listAudit(home.database, { limit: 2 })).toMatchObject([
      { id: committed.auditId, action: 'start-run', after: { proposal: { proposalId }, run: { id: queued.id } } },
      { action: 'propose-changes' },
    ])
    const proposal = await readProposal(home.services, entry(), proposalId, request(proposer()))
    expect(proposal).toMatchObject({ state: 'committed', decidedBy: other().username, action: load })
    expect(await readProposalRun(home.services, proposal)).toBe(queued.id)
    expect(await run(queued)).toMatchObject({ state: 'succeeded', lane: 'small', outcome: { rowsCommitted: 2 } })
    expect(await rowCounts()).toEqual(['2'])
  })

  test('is refused to one user before it is queued, unless it creates its table', async () => {
    await demandTwo(true)
    const { format, ignoreExtra, maxRejectedRows } = load
    const spec = { input: [{ location: toFileLocation(file) }], format, ignoreExtra, maxRejectedRows, create: null }
    await expect(loadFiles(home.services, table, spec, request(other()))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('on the page Load, or with npm run lakeshore -- ingest'),
    })
    expect(await listRuns(home.database, { table, limit: 9 })).toEqual([])
    const create = { schema: SCHEMA, partitionBy: null, properties: {} }
    const created = await loadFiles(
      home.services,
      { ...table, table: 'new' },
      { ...spec, create },
      { ...request(other()), idempotencyKey: 'key-of-a-new-table' },
    )
    expect(await run(created.run)).toMatchObject({ state: 'succeeded' })
    await demandTwo(false)
    const alone = await loadFiles(home.services, table, spec, request(other()))
    expect(await run(alone.run)).toMatchObject({ state: 'succeeded' })
  })

  test('needs the other user no more when the policy was withdrawn', async () => {
    await demandTwo(true)
    const proposalId = await proposeLoad()
    await demandTwo(false)
    await commitProposal(home.services, entry(), proposalId, request(proposer()))
    expect(await run(await newestRun())).toMatchObject({ state: 'succeeded' })
  })

  test('that two users agreed on is not repeated by the one who proposed it', async () => {
    await demandTwo(true)
    const queued = await agree()
    writeFileSync(file, 'id\n3\n')
    const failed = await run(queued)
    writeFileSync(file, 'id\n1\n2\n')
    const repeated = await run(await retry(failed, proposer()))
    expect(repeated).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
    expect(await rowCounts()).toEqual([])
  })
})

describe('A proposed load', () => {
  test('loads no other file than the proposed one, and that one once', async () => {
    const queued = await agree()
    appendFileSync(file, '3\n')
    const failed = await run(queued)
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'version-conflict' }, journal: null })
    expect(failed.error?.detail).toMatch(
      /^in-\d+[.]csv is not the file that was proposed: its SHA-256 is [0-9a-f]{64}[.] Nothing was loaded[.] Propose the load/,
    )
    writeFileSync(file, 'id\n1\n2\n')
    expect(await run(await retry(failed, other()))).toMatchObject({ state: 'succeeded' })
    const again = await run(await retry(failed, other()))
    expect(again).toMatchObject({ state: 'failed', error: { code: 'version-conflict' } })
    expect(again.error?.detail).toContain('Nothing was loaded again.')
    expect(await rowCounts()).toEqual(['2'])
  })

  test('of several files, also of a location, loads them all, unless one of them has changed', async () => {
    const folder = path.join(drop, `n${count}`)
    mkdirSync(folder)
    const second = path.join(folder, 'b.csv')
    writeFileSync(second, 'id\n3\n')
    const files = await openLoadLocation(home.services, 'drop')
    const digest = await digestLocationFile(files, `n${count}/b.csv`, signal)
    load = { ...load, otherFiles: [{ input: { location: 'drop', path: `n${count}/b.csv` }, ...digest }] }
    const queued = await agree()
    expect(queued.title).toBe(`Load in-${count}.csv and 1 other file`)
    writeFileSync(second, 'id\n4\n')
    const failed = await run(queued)
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'version-conflict' } })
    expect(failed.error?.detail).toContain('b.csv is not the file that was proposed')
    expect(await rowCounts()).toEqual([])
    writeFileSync(second, 'id\n3\n')
    expect(await run(await retry(failed, other()))).toMatchObject({ state: 'succeeded' })
    expect(await rowCounts()).toEqual(['3'])
  })

  test('is refused when the file was written while it was read', async () => {
    const writeWhileStaged: RunStage = async (staged, options) => {
      const result = await stage(staged, options)
      appendFileSync(file, '3\n')
      return result
    }
    const ended = await run(await agree(), writeWhileStaged)
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'version-conflict' } })
    expect(await rowCounts()).toEqual([])
  })

  test('is refused with its commit when one user carried it out and a policy was set meanwhile', async () => {
    await commitProposal(home.services, entry(), await proposeLoad(), request(proposer()))
    const demandWhileStaged: RunStage = async (staged, options) => {
      const result = await stage(staged, options)
      await demandTwo(true)
      return result
    }
    expect(await run(await newestRun(), demandWhileStaged)).toMatchObject({ state: 'failed' })
    expect(await rowCounts()).toEqual([])
    await demandTwo(false)
    expect(await run(await agree(), demandWhileStaged)).toMatchObject({ state: 'succeeded' })
    expect(await rowCounts()).toEqual(['2'])
  })

  test('is repeated after its worker was killed, and asks the policy again', async () => {
    const loadAfterKill = async (queued: Run) => {
      await claimRun(home.database, 'killed', { overall: 8, byKind: {} })
      expect(await newestRun()).toMatchObject({ id: queued.id, state: 'running', leaseOwner: 'killed' })
      await demandTwo(true)
      await home.database.commit([rawChange("UPDATE runs SET lease_until_ms = 0 WHERE lease_owner = 'killed'")])
      return run(queued)
    }
    expect(await loadAfterKill(await agree())).toMatchObject({ state: 'succeeded', attempt: 2 })
    await demandTwo(false)
    await commitProposal(home.services, entry(), await proposeLoad(), request(proposer()))
    expect(await loadAfterKill(await newestRun())).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
    expect(await rowCounts()).toEqual(['2'])
  })

  test('is refused for a table that loads cannot write', async () => {
    const catalog = await openTestCatalog(home.services)
    table = { ...table, table: 'old' }
    await catalog.write({
      kind: 'create-table',
      table: table,
      schema: parseSchema(SCHEMA),
      properties: { 'format-version': '1' },
    })
    await expect(proposeLoad()).rejects.toMatchObject({ code: 'not-supported' })
  })

  test('is not carried out on another table that got its name', async () => {
    const proposalId = await proposeLoad()
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'drop-table', table: table })
    await catalog.write({ kind: 'create-table', table: table, schema: parseSchema(SCHEMA) })
    await expect(commitProposal(home.services, entry(), proposalId, request(other()))).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await listRuns(home.database, { table, limit: 9 })).toEqual([])
  })

  test('loads nothing into another table that got the name while the run waited', async () => {
    const queued = await agree()
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'drop-table', table: table })
    await catalog.write({ kind: 'create-table', table: table, schema: parseSchema(SCHEMA) })
    expect(await run(queued)).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
    expect(await rowCounts()).toEqual([])
  })

  test('is read as it was proposed, and needs the typed name where it replaces rows', async () => {
    writeFileSync(file, 'nr;note\n7;x\n')
    load = {
      ...load,
      ...(await digestInput(home.services.stores, toFileLocation(file), signal)),
      csv: { ...CSV_DEFAULTS, delimiter: ';' },
      mapping: { columns: { id: { field: 'nr' } }, ignoredFields: ['note'] },
      landing: { operation: 'replace-table', branch: 'audit' },
    }
    const proposalId = await proposeLoad()
    const commitWith = (confirmedName?: string) =>
      commitProposal(home.services, entry(), proposalId, { ...request(other()), confirmedName })
    await expect(commitWith()).rejects.toMatchObject({ code: 'invalid-request' })
    await commitWith(`${table.namespace[0]}.t`)
    expect(await run(await newestRun())).toMatchObject({ state: 'succeeded' })
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
    expect(metadata.refs['audit']?.snapshotId).toBe(metadata.snapshots[0]?.snapshotId)
    expect(await rowCounts()).toEqual(['1'])
  })

  test('names its file by a location that its page can show', async () => {
    load = { ...load, input: `file:///${'x'.repeat(4_096)}` }
    await expect(proposeLoad()).rejects.toMatchObject({ code: 'too-large' })
  })
})
