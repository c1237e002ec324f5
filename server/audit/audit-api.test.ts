import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { exportAudit, getAuditEntry, listAuditEntries } from '@/lib/contract/audit'
import { createNamespace } from '@/lib/contract/lifecycle/namespaces'
import { endSession } from '@/lib/contract/session'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ROLES, type Role } from '@/lib/permissions'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { signIn } from '@/server/auth/sign-in/sign-in'
import { auditChange, type NewAuditEntry, newAuditId } from '@/server/db/audit'
import { setRole } from '@/server/db/auth/users'
import { exportLines } from './export-audit'

/** The audit as the routes return it, and the entries that they write. */

const home = createTestHome()

const people = {} as Record<Role, SignedInUser>
beforeAll(async () => {
  for (const role of ROLES) people[role] = await signInAs(home.services, role)
})

async function send<I extends z.ZodObject>(endpoint: Endpoint<I>, fields: Record<string, string>, user = people.admin) {
  const names = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const params = Object.fromEntries(names.map((name) => [name, fields[name] ?? '']))
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
  const hasBody = endpoint.method === 'POST'
  const request = new Request(`http://test/x${hasBody ? '' : `?${new URLSearchParams(rest)}`}`, {
    method: endpoint.method,
    headers: {
      cookie: user.cookie,
      'x-forwarded-for': '203.0.113.7',
      ...(hasBody && { 'content-type': 'application/json' }),
    },
    ...(hasBody && { body: JSON.stringify(rest) }),
  })
  const handle = await loadRouteHandler(home.services, endpoint)
  return handle(request, { params: Promise.resolve(params) })
}

async function list(filter: Record<string, string> = {}) {
  const response = await send(listAuditEntries, filter)
  expect(response.status).toBe(200)
  return listAuditEntries.output.parse(await response.json())
}

async function write(action: string, entry: Partial<NewAuditEntry> = {}): Promise<string> {
  const id = newAuditId()
  const written = { actor: { userId: 'u', username: 'ada' }, requestId: 'r', action, ...entry }
  await home.database.commit([auditChange(written, { id })])
  return id
}

const TABLE = { catalog: 'local', namespace: ['demo'], table: 'flights' }

describe('The audit', () => {
  it('is for admins only, whichever table the filter names', async () => {
    for (const role of ['viewer', 'editor'] as const) {
      expect((await send(listAuditEntries, {}, people[role])).status).toBe(403)
      expect((await send(listAuditEntries, { catalog: 'local' }, people[role])).status).toBe(403)
      expect((await send(getAuditEntry, { auditId: 'x' }, people[role])).status).toBe(403)
      expect((await send(exportAudit, { format: 'csv' }, people[role])).status).toBe(403)
    }
  })

  it('pages newest first', async () => {
    for (let i = 0; i < 120; i += 1) await write('page', { requestId: `p${i}` })
    const first = await list({ action: 'page' })
    expect(first.entries).toHaveLength(100)
    expect(first.entries[0]?.requestId).toBe('p119')
    const second = await list({ action: 'page', before: first.nextBefore ?? '' })
    expect(second.entries.map(({ requestId }) => requestId)).toEqual(Array.from({ length: 20 }, (_, i) => `p${19 - i}`))
    expect(second.nextBefore).toBeNull()
  })

  it('refuses a filter by a part of a name', async () => {
    expect((await send(listAuditEntries, { namespace: 'demo' })).status).toBe(400)
    expect((await send(listAuditEntries, { catalog: 'local', table: 'flights' })).status).toBe(400)
    expect((await send(listAuditEntries, { before: '-1' })).status).toBe(400)
    expect((await send(getAuditEntry, { auditId: 'none' })).status).toBe(404)
  })

  it('shows values before and after, what followed, and no value that grants access', async () => {
    const id = await write('set-properties', {
      table: TABLE,
      tableUuid: 'uuid-1',
      before: { properties: { owner: null, 'jdbc.password': 'open sesame' }, refs: { main: '3051729675574597004' } },
      after: {
        properties: { owner: 'ada', 'jdbc.password': 'hunter2' },
        refs: { main: '3051729675574597005' },
        retention: { main: 'for 7 days' },
      },
    })
    const next = await write('undo', { table: TABLE, tableUuid: 'uuid-1', undoes: id })
    const response = await send(getAuditEntry, { auditId: id })
    const text = await response.text()
    expect(text).not.toMatch(/open sesame|hunter2/)
    const { entry, laterEntries } = getAuditEntry.output.parse(JSON.parse(text))
    expect(entry).toMatchObject({ actor: 'ada', outcome: 'done', undoneBy: next, changeCount: 4 })
    expect(entry.changes).toContainEqual({
      kind: 'ref',
      name: 'main',
      before: '3051729675574597004',
      after: '3051729675574597005',
    })
    expect(entry.changes).toContainEqual({ kind: 'property', name: 'owner', before: null, after: 'ada' })
    expect(entry.changes).toContainEqual({
      kind: 'layout',
      name: 'retention of main',
      before: null,
      after: 'for 7 days',
    })
    expect(laterEntries).toMatchObject([{ id: next, action: 'undo' }])
    expect(JSON.stringify(await list({ text: 'flights' }))).not.toMatch(/open sesame|hunter2/)
  })
})

describe('The audit says in the words of the history', () => {
  it('which columns a commit added and removed, and which setting of which column it changed', async () => {
    const layoutChanges = [
      { kind: 'column', name: 'score', before: 'double', after: null },
      { kind: 'column', name: 'route', before: null, after: 'string' },
    ] as const
    await write('commit', {
      table: TABLE,
      before: { layout: { schema: 'id 2' }, properties: { 'lakeshore.parquet.column.6.compression-codec': null } },
      after: {
        layout: { schema: 'id 3' },
        layoutChanges,
        properties: { 'lakeshore.parquet.column.6.compression-codec': 'zstd' },
        columnNames: { 6: 'route' },
      },
    })
    const { entries } = await list({ action: 'commit' })
    expect(entries[0]?.changes).toEqual([
      ...layoutChanges,
      {
        kind: 'property',
        name: 'lakeshore.parquet.column.6.compression-codec',
        label: 'codec of route',
        before: null,
        after: 'zstd',
      },
    ])
  })

  it('the columns and the fields of a load that did not meet', async () => {
    const fields = { absentColumns: 'symbol', skippedFields: 'Ticker' }
    await write('append', { table: TABLE, after: { fields } })
    const [loaded] = (await list({ action: 'append' })).entries
    const { entry } = getAuditEntry.output.parse(
      JSON.parse(await (await send(getAuditEntry, { auditId: loaded?.id ?? '' })).text()),
    )
    expect(entry.changes).toEqual([
      { kind: 'value', name: 'columns without a field', before: null, after: 'symbol' },
      { kind: 'value', name: 'skipped fields', before: null, after: 'Ticker' },
    ])
  })

  it('what an expiry removed, and what its undo put back', async () => {
    const expiry = { snapshotCount: 2, fileCount: 7, sizeBytes: 900, removal: { runId: 'R1', startsAtMs: 86_400_000 } }
    await write('expire-snapshots', {
      table: TABLE,
      before: { snapshotCount: 3 },
      after: { snapshotCount: 1, removedUntilMs: 1_000, expiry },
    })
    const [expired] = (await list({ action: 'expire-snapshots' })).entries
    const value = { kind: 'value', before: null }
    expect(expired?.changeCount).toBe(5)
    const { entry } = getAuditEntry.output.parse(
      JSON.parse(await (await send(getAuditEntry, { auditId: expired?.id ?? '' })).text()),
    )
    expect(entry.changes).toEqual([
      { kind: 'value', name: 'snapshots', before: '3', after: '1' },
      { ...value, name: 'files of removed snapshots only', after: '7' },
      { ...value, name: 'bytes of removed snapshots only', after: '900' },
      { kind: 'time', name: 'newest removed snapshot', before: null, after: '1970-01-01T00:00:01Z' },
      { kind: 'time', name: 'removal of files from', before: null, after: '1970-01-02T00:00:00Z' },
    ])
    const undoId = await write('undo', {
      table: TABLE,
      undoes: expired?.id ?? '',
      before: { snapshotCount: 1 },
      after: { snapshotCount: 3 },
    })
    const [undo] = (await list({ action: 'undo' })).entries
    expect(undo).toMatchObject({
      id: undoId,
      undoes: expired?.id,
      changes: [{ kind: 'value', name: 'snapshots', before: '1', after: '3' }],
    })
  })

  it('who was granted which role', async () => {
    const grant = { holder: 'analysts', on: { catalog: 'local', namespace: ['demo'] } }
    const target = { namespace: { catalog: 'local', namespace: ['demo'] } }
    await write('add-grant', { ...target, after: { grant: { ...grant, role: 'viewer' } } })
    await write('remove-grant', { ...target, before: { grant: { ...grant, role: 'editor' } } })
    const [removed, added] = [await list({ action: 'remove-grant' }), await list({ action: 'add-grant' })].map(
      ({ entries }) => entries[0]?.changes[0],
    )
    expect(added).toEqual({ kind: 'grant', name: 'analysts', before: null, after: 'viewer' })
    expect(removed).toEqual({ kind: 'grant', name: 'analysts', before: 'editor', after: null })
  })
})

describe('The audit records', () => {
  it('a refused write with its target and its reason, and no refused read', async () => {
    const response = await send(createNamespace, { catalog: 'local', namespace: 'secret' }, people.viewer)
    expect(response.status).toBe(403)
    const { entries } = await list({ outcome: 'refused', actor: people.viewer.username })
    expect(entries).toMatchObject([
      {
        action: 'refuse-request',
        outcome: 'refused',
        namespace: { catalog: 'local', namespace: ['secret'] },
        refusal: { operation: 'createNamespace', reason: 'This needs the permission table:write.', count: 1 },
        requestId: response.headers.get('x-request-id'),
      },
    ])
  })

  it('sign-in with its address, in the transaction of the session, and sign-out', async () => {
    const passwordHash = await home.services.passwords.hash('a good password')
    const user = await signInAs(home.services, 'viewer', { passwordHash })
    const login = { username: user.username, address: '203.0.113.9', requestId: 'in' }
    await signIn(home.services, { ...login, password: 'a good password' })
    await expect(signIn(home.services, { ...login, password: 'wrong' })).rejects.toMatchObject({
      code: 'wrong-credentials',
    })
    expect((await send(endSession, {}, user)).status).toBe(200)
    const { entries } = await list({ actor: user.username })
    expect(entries).toMatchObject([
      { action: 'sign-out', address: '203.0.113.7' },
      {
        action: 'refuse-sign-in',
        address: '203.0.113.9',
        outcome: 'refused',
        requestId: 'in',
        refusal: { reason: expect.stringMatching(/^Wrong password\. 4 attempts left/) },
      },
      { action: 'sign-in', address: '203.0.113.9', outcome: 'done', requestId: 'in' },
    ])
  })

  it('no name that is unknown, because it may be a password', async () => {
    const login = { username: 'hunter2', password: 'x', address: '203.0.113.10', requestId: 'r' }
    await expect(signIn(home.services, login)).rejects.toMatchObject({ code: 'wrong-credentials' })
    const { entries } = await list({ action: 'refuse-sign-in', actor: 'unknown user' })
    expect(entries).toHaveLength(1)
    expect(JSON.stringify(entries)).not.toContain('hunter2')
  })

  it('its own export, before the first entry is sent', async () => {
    const response = await send(exportAudit, { format: 'ndjson', action: 'page', catalog: 'local' })
    const { entries } = await list({ action: 'export-audit' })
    expect(entries).toMatchObject([{ actor: people.admin.username, subject: { kind: 'audit' }, changeCount: 3 }])
    await response.body?.cancel()
  })
})

async function collect(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

describe('The export', () => {
  it('has every entry that fits, as NDJSON', async () => {
    const response = await send(exportAudit, { format: 'ndjson', action: 'page' })
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit.ndjson"')
    const lines = (await response.text()).trim().split('\n')
    expect(lines).toHaveLength(120)
    const newest = JSON.parse(lines[0] ?? '')
    expect(newest).toMatchObject({ action: 'page', requestId: 'p119', actor: 'ada' })
    expect(newest.time).toBe(new Date(newest.atMs).toISOString())
  })

  it('has cells in CSV that no spreadsheet runs', async () => {
    await write('csv', { actor: { userId: 'u', username: '=HYPERLINK("http://evil","x")' }, requestId: '@SUM(1)' })
    const text = await (await send(exportAudit, { format: 'csv', action: 'csv' })).text()
    const [header, row] = text.split('\r\n')
    expect(header).toMatch(/^time,actor,source,/)
    expect(row).toContain(`"'=HYPERLINK(""http://evil"",""x"")"`)
    expect(row).toContain(`'@SUM(1)`)
  })

  it('says where it ended when there are more entries, and continues there', async () => {
    const first = await collect(exportLines(home.services, { format: 'ndjson', action: 'page' }, 50))
    const lines = first.trim().split('\n')
    const cut = JSON.parse(lines.at(-1) ?? '')
    expect(lines).toHaveLength(51)
    expect(cut.isTruncated).toBe(true)
    const rest = await collect(exportLines(home.services, { format: 'ndjson', action: 'page', before: cut.nextBefore }))
    expect(rest.trim().split('\n')).toHaveLength(70)
  })

  it('is refused once the user is not an admin any more', async () => {
    const admin = await signInAs(home.services, 'admin')
    await setRole(home.database, admin.userId, 'viewer')
    expect((await send(exportAudit, { format: 'csv' }, admin)).status).toBe(403)
  })
})
