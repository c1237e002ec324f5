import * as z from 'zod'
import { changeIntent } from './shapes/change-intent'
import { endpoint } from './endpoint'
import { actingClient } from './shapes/acting-client'
import { describedChange } from './shapes/described-change'
import { changeSource } from './shapes/change-origin'
import { tableIdentifierOnWire, tableBadge } from './shapes/lake'
import { AUDIT_OUTCOMES, AUDIT_SOURCES } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, instantMs, intInQuery, listedNamespace, namespaceOnWire } from './shapes/wire'

/** The subject of an entry that is not about a namespace, a table or a view. */
const auditSubject = z.object({
  kind: z.enum([
    'user',
    'token',
    'connection',
    'run',
    'schedule',
    'query',
    'proposal',
    'audit',
    'console',
    'group',
    'grant',
    'access-request',
  ]),
  name: z.string(),
  /** The id of a run, a saved query or a proposal. */
  id: z.string().nullable(),
})

/** One entry of the audit. */
export const auditEntry = z
  .object({
    id: z.string(),
    atMs: instantMs,
    actor: z.string(),
    source: changeSource,
    /** The kind of the run, if the source is a job. */
    job: z.string().nullable(),
    /** The engine: what it calls itself, null if unknown, and the name of the user's token that it used. */
    via: actingClient.nullable(),
    /** The address that a browser was signed in from. */
    address: z.string().nullable(),
    /** `append`, `set-properties`, `sign-in`, `refuse-request` … */
    action: z.string(),
    table: tableIdentifierOnWire.extend({ isView: z.boolean() }).nullable(),
    namespace: z.object({ catalog: z.string(), namespace: listedNamespace }).nullable(),
    subject: auditSubject.nullable(),
    /** A list has the first three. */
    changes: z.array(describedChange).max(500),
    changeCount: count,
    /** The refused operation and the reason, and how often it was refused within the minute that the entry covers. */
    refusal: z.object({ operation: z.string(), code: z.string(), reason: z.string(), count }).nullable(),
    /**
     * `done`, `refused`, `failed` of a test; for a write that another catalog never acknowledged, the outcome found later: `found-done`,
     * `not-committed`, `unknown`.
     */
    outcome: z.enum(AUDIT_OUTCOMES),
    requestId: z.string().nullable(),
    /** The entry that this one undid, and the one that undid it. */
    undoes: z.string().nullable(),
    undoneBy: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'AuditEntry' })
export type AuditEntryView = z.output<typeof auditEntry>

const auditFilter = z.object({
  /** A part of the name of the actor, the namespace or the table, or the id of a request or an entry. */
  text: z.string().min(1).max(200).optional(),
  actor: z.string().min(1).max(256).optional(),
  action: z.string().min(1).max(64).optional(),
  source: z.enum(AUDIT_SOURCES).optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  catalog: entryName.optional(),
  /** With the namespaces below it. Needs the catalog, as the table needs the namespace. */
  namespace: namespaceOnWire.optional(),
  table: entryName.optional(),
  /** From this time, and before that one. */
  fromMs: intInQuery.optional(),
  toMs: intInQuery.optional(),
})
export type AuditFilter = z.output<typeof auditFilter>

const EVERYTHING = () => [{}]

/** Where a page ended. */
const position = z.string().regex(/^\d{16,31}$/, 'the `nextBefore` of a page')

export const listAuditEntries = endpoint({
  summary: 'Lists the entries of the audit, newest first',
  description:
    'Entries are in the order of their times, and those of the same time in the order in which they were written. A page has up to 100 of them and reads a bounded number: with a filter a page may have fewer, or be empty, although older ones match. Then `isTruncated` is true and `nextBefore` continues.',
  method: 'GET',
  path: '/api/v1/audit',
  permission: 'audit:read',
  // The filter names a table, but the permission is one for everything.
  resources: EVERYTHING,
  input: auditFilter.extend({ before: position.optional() }),
  output: z.object({
    entries: z.array(auditEntry).max(100),
    /** Null when there are no older entries. */
    nextBefore: z.string().nullable(),
    /** Whether the page ended because it had read as many entries as one page may. */
    isTruncated: z.boolean(),
    /** The time of the oldest entry that was looked at; null when there was none. */
    oldestReadAtMs: instantMs.nullable(),
    /** Badges of their tables and views now, as the search index has them. */
    badges: z.array(tableBadge).max(100),
  }),
})
export type AuditPage = z.output<typeof listAuditEntries.output>

export const countAuditEntries = endpoint({
  summary: 'Counts the entries of the audit in steps of time',
  description:
    'The server chooses steps so that there are up to 60. Without a start time they begin with the oldest entry. Only the newest 100,000 entries are counted; `isTruncated` says that there are older ones.',
  method: 'GET',
  path: '/api/v1/audit/counts',
  permission: 'audit:read',
  resources: EVERYTHING,
  input: auditFilter,
  output: z.object({
    /** The start of the first step. */
    fromMs: instantMs,
    /** The counted entries are before this time. */
    toMs: instantMs,
    stepMs: z.int().positive(),
    /** Oldest first. Steps without an entry are left out. */
    counts: z.array(z.object({ startMs: instantMs, outcome: z.enum(AUDIT_OUTCOMES), entryCount: count })).max(300),
    isTruncated: z.boolean(),
  }),
})
export type AuditCounts = z.output<typeof countAuditEntries.output>

export const getAuditEntry = endpoint({
  summary: 'Returns an entry of the audit, with the entries that followed',
  method: 'GET',
  path: '/api/v1/audit/entries/:auditId',
  permission: 'audit:read',
  resources: EVERYTHING,
  input: z.object({ auditId: z.string().min(1).max(64) }),
  output: z.object({
    entry: auditEntry,
    /** Whether *Undo* may be offered: the entry is of a kind that can be undone, and no later entry has undone it. */
    isUndoable: z.boolean(),
    /** The intents of the commit. */
    intents: z.array(changeIntent),
    /** The metadata files of the table or view before and after. */
    metadata: z.object({ before: z.string().nullable(), after: z.string().nullable() }),
    /** The next entries of the same table, in their order, up to five. */
    laterEntries: z.array(auditEntry.pick({ id: true, atMs: true, actor: true, action: true, outcome: true })).max(5),
    /** The badge of its table or view now, as the search index has it. */
    badges: z.array(tableBadge).max(1),
  }),
})
export type AuditDetail = z.output<typeof getAuditEntry.output>

export const exportAudit = endpoint({
  summary: 'Streams entries of the audit as NDJSON or CSV, newest first',
  description:
    'Up to 200,000 entries. When there are more, the last line says so and how to continue: in NDJSON it is `{"isTruncated":true,"nextBefore":"…"}`, in CSV a row with `more entries: before=…` as its only cell. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe. The export is itself an entry of the audit.',
  method: 'GET',
  path: '/api/v1/audit/export',
  permission: 'audit:read',
  resources: EVERYTHING,
  input: auditFilter.extend({ format: z.enum(['ndjson', 'csv']), before: position.optional() }),
  output: 'rows',
})
