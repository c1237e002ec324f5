import 'server-only'
import type { Resource } from '@/lib/permissions'
import type { AuditDetail, AuditEntryView } from '@/lib/contract/audit'
import { RUN_KINDS } from '@/lib/contract/run-kinds'
import type { DescribedChange } from '@/lib/contract/shapes/described-change'
import { changeIntent } from '@/lib/contract/shapes/change-intent'
import { columnSettingName } from '@/lib/iceberg/properties/column-settings'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { namespaceLabel } from '@/lib/names/identifiers'
import { instantText } from '@/lib/names/instant-text'
import type { Keys } from '@/server/auth/keys'
import { type AuditEntry, type AuditState, FAILED_ACTIONS, isOfView, REFUSED_ACTIONS } from '@/server/db/audit'
import { readSource } from '@/server/db/audit-source'
import { maskProperty } from '@/server/table/mask-properties'

/** Entries of the audit as admins see them. Values that grant access are masked. */

const MAX_CHANGES = { inList: 3, alone: 500 } as const

const OUTCOMES = { committed: 'found-done', 'not-committed': 'not-committed', unknown: 'unknown' } as const

export function toAuditEntryView(
  keys: Keys,
  entry: AuditEntry,
  { shows }: { shows: keyof typeof MAX_CHANGES },
): AuditEntryView {
  const { id, atMs, via, action, before, after, requestId, undoes, undoneBy } = entry
  const changes = toChanges(keys, entry)
  return {
    id,
    atMs,
    actor: entry.actor.username,
    ...readSource(entry),
    via,
    address: after?.session?.address ?? before?.session?.address ?? null,
    action,
    table: entry.table && { ...entry.table, isView: isOfView(entry) },
    namespace: entry.namespace,
    subject: toSubject(entry),
    changes: changes.slice(0, MAX_CHANGES[shows]),
    changeCount: changes.length,
    refusal: after?.refusal ?? null,
    outcome: toOutcome(entry),
    requestId,
    undoes,
    undoneBy,
  }
}

function toOutcome({ outcome, action }: AuditEntry): AuditEntryView['outcome'] {
  if (outcome !== null) return OUTCOMES[outcome]
  if (REFUSED_ACTIONS.includes(action)) return 'refused'
  return FAILED_ACTIONS.includes(action) ? 'failed' : 'done'
}

/** The intents of an entry's commit. Intents of versions with another shape are left out. */
export function toIntents({ after }: AuditEntry): AuditDetail['intents'] {
  return (after?.intents ?? []).flatMap((intent) => {
    const parsed = changeIntent.safeParse(intent)
    return parsed.success ? [parsed.data] : []
  })
}

function toSubject({ before, after, action }: AuditEntry): AuditEntryView['subject'] {
  const { user, token, connection, run, schedule, proposal, group, grant, accessRequest, query } = {
    ...before,
    ...after,
  }
  if (proposal) return { kind: 'proposal', name: proposal.title, id: proposal.proposalId }
  if (user) return { kind: 'user', name: user.username, id: null }
  if (token) return { kind: 'token', name: token.name, id: null }
  if (group) return { kind: 'group', name: group.name, id: null }
  if (accessRequest) return { kind: 'access-request', name: accessRequest.username, id: null }
  if (grant) return { kind: 'grant', name: grant.holder, id: null }
  if (connection) return { kind: 'connection', name: connection.name ?? connection.address ?? '', id: null }
  if (run) return { kind: 'run', name: run.title, id: run.id }
  if (query) return { kind: 'query', name: query.name, id: query.queryId }
  if (schedule) return { kind: 'schedule', name: schedule.title ?? schedule.id, id: null }
  if (action === 'export-audit') return { kind: 'audit', name: 'audit', id: null }
  if (before?.session || after?.session || after?.refusal) return { kind: 'console', name: 'this console', id: null }
  return null
}

type Values = ReadonlyMap<string, string>
type Side = AuditState | null

function resourceLabel(on: Resource | undefined): string | undefined {
  if (on === undefined) return undefined
  const { catalog = 'everything', namespace, table } = on
  return [catalog, ...(namespace ? [namespaceLabel(namespace)] : []), ...(table === undefined ? [] : [table])].join(
    ' / ',
  )
}

/** The facts of an entry before and after, in the words of the history of a table. */
function toChanges(keys: Keys, entry: AuditEntry): DescribedChange[] {
  const { before, after } = entry
  const owner = entry.tableUuid ?? (entry.namespace ? namespaceLabel(entry.namespace.namespace) : '')
  const toSides = (kind: DescribedChange['kind'], toFacts: (state: AuditState) => Readonly<Record<string, unknown>>) =>
    compareSides(kind, toValues(before && toFacts(before)), toValues(after && toFacts(after)))
  return [
    ...toSides('name', ({ name }) => ({ name })),
    ...(after?.layoutChanges ?? toSides('layout', ({ layout }) => layout ?? {})),
    ...toSides('ref', ({ refs }) => refs ?? {}),
    ...toSides('layout', ({ retention }) =>
      Object.fromEntries(Object.entries(retention ?? {}).map(([ref, text]) => [`retention of ${ref}`, text])),
    ),
    ...toSides('property', ({ properties }) =>
      Object.fromEntries(
        Object.entries(properties ?? {}).map(([key, value]) => [
          key,
          maskProperty(keys, key, value, owner, () => true),
        ]),
      ),
    ).map((change) => withSettingName(change, after?.columnNames ?? {})),
    ...grantChanges(before, after),
    ...toSides('value', otherFacts),
    ...toSides('time', timeFacts),
  ]
}

function compareSides(kind: DescribedChange['kind'], before: Values, after: Values): DescribedChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ kind, name, before: before.get(name) ?? null, after: after.get(name) ?? null }))
    .filter((change) => change.before !== change.after)
}

/** Facts that are not set are left out. */
function toValues(facts: Readonly<Record<string, unknown>> | null): Values {
  return new Map(
    Object.entries(facts ?? {}).flatMap(([key, value]) =>
      value === undefined || value === null ? [] : [[key, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  )
}

function withSettingName(change: DescribedChange, columnNames: Readonly<Record<string, string>>): DescribedChange {
  const label = columnSettingName(change.name, (fieldId) => propertyValue(columnNames, String(fieldId)))
  return label === null ? change : { ...change, label }
}

/** Names the holder: an entry of a grant has the resource as its target. */
function grantChanges(before: Side, after: Side): DescribedChange[] {
  const holder = after?.grant?.holder ?? before?.grant?.holder
  if (holder === undefined) return []
  return [{ kind: 'grant', name: holder, before: before?.grant?.role ?? null, after: after?.grant?.role ?? null }]
}

/** The counts of a change of many tables, as its runs name them. */
function toLabelledCounts(counts: Readonly<Record<string, number>>): Record<string, number> {
  const fields: Readonly<Record<string, { label: string }>> = RUN_KINDS['change-tables'].outcome
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [fields[name]?.label.toLowerCase() ?? name, count]),
  )
}

/** Facts of changes that are not changes of a table, without those that are shown elsewhere. */
function otherFacts({
  policy,
  user,
  token,
  schedule,
  connection,
  proposal,
  group,
  grant,
  accessRequest,
  identity,
  providerGroups,
  session,
  query,
  bulkChange,
  snapshotCount,
  restored,
  expiry,
  fields,
  export: exported,
}: AuditState): Record<string, unknown> {
  return {
    'needs a proposal': policy?.requiresProposal,
    'engines too': policy?.includesEngines,
    role: user?.role ?? token?.role ?? accessRequest?.role,
    'displayed name': user?.displayName,
    'service account': user?.isService === true ? 'yes' : undefined,
    on: resourceLabel(grant?.on ?? accessRequest?.on ?? token?.on),
    member: group?.member,
    'group name': group?.name,
    state: accessRequest?.state,
    answer: accessRequest?.comment,
    'identity provider': identity?.issuer ?? session?.provider,
    subject: identity?.subject,
    'groups of the provider': providerGroups?.join(', '),
    'of user': token?.username,
    times: schedule && (`${schedule.cron} ${schedule.timeZone}`.trim() || undefined),
    enabled: schedule?.isEnabled,
    owner: schedule?.owner,
    'starts by': schedule?.startsBy,
    watches: schedule?.watchedTables?.join(', ') || undefined,
    'paused because': schedule?.pausedBecause,
    ...connection?.settings,
    'connection name': connection?.name,
    address: connection?.address,
    'changed secrets': connection?.changedSecrets?.join(', ') || undefined,
    ...toLabelledCounts(bulkChange?.counts ?? {}),
    snapshots: snapshotCount,
    'restored snapshots': restored?.snapshotIds.join(', '),
    'files of removed snapshots only': expiry?.fileCount,
    'bytes of removed snapshots only': expiry?.sizeBytes,
    'removal of files': expiry?.removal === null ? 'none, files stay' : undefined,
    'columns without a field': fields?.absentColumns,
    'skipped fields': fields?.skippedFields,
    'query name': query?.name,
    sql: query?.sql,
    shared: query?.isShared,
    'failed step': connection?.failedStep,
    'proposed by': proposal?.proposedBy,
    comment: proposal?.comment,
    ...(exported && { format: exported.format, ...exported.filter }),
  }
}

/** Pages show them in the time zone of the reader. */
function timeFacts({ token, removedUntilMs, expiry }: AuditState): Record<string, unknown> {
  const instants = {
    expires: token?.expiresAtMs,
    'old secret ends': token?.oldSecretEndsAtMs,
    'newest removed snapshot': removedUntilMs,
    'removal of files from': expiry?.removal?.startsAtMs,
  }
  return Object.fromEntries(
    Object.entries(instants).map(([name, atMs]) => [name, atMs === undefined ? undefined : instantText(atMs)]),
  )
}
