import 'server-only'
import { AppError } from '@/lib/errors'
import { resourceLabel } from '@/lib/names/resource-name'
import { joinNamespace, type Namespace, namespaceLabel, type NamespaceIdentifier } from '@/lib/names/identifiers'
import type { Resource, Role } from '@/lib/permissions'
import { addGrant, removeGrant } from '@/server/access/grants'
import { setChangePolicyAction } from '@/server/changes/actions/set-change-policy'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { propose } from '@/server/changes/proposals/proposals'
import { newAuditId } from '@/server/db/audit'
import { EVERYONE, type Holder, listGrants, MAX_GRANTS, type StoredGrant } from '@/server/db/auth/grants'
import type { Database } from '@/server/db/database'
import { listPolicyNamespaces } from '@/server/db/catalog/change-policies'
import { readOwnPolicy } from '@/server/policy/change-policy'
import { requireGroupNamed } from '../group'
import { requireNameLimits } from '../table-name'
import { requireUserNamed } from '../user-named'
import { UsageError } from '../verb'
import {
  ACCESS_FILE,
  type AccessDeclaration,
  type DeclaredGrant,
  type DeclaredPolicy,
  MAX_POLICIES,
} from './access-file'
import type { FolderChange } from './folder-report'
import { type FolderContext, type PlannedEntry, planEntry } from './planned-entry'

/** Compares the grants of the catalog, as one entry, and the policies of its namespaces with the file. */
export async function planAccess(
  context: FolderContext,
  { grants, policies }: AccessDeclaration,
): Promise<PlannedEntry[]> {
  const planned: PlannedEntry[] = []
  if (grants) {
    const name = `grants of ${context.catalog}`
    planned.push(await planEntry({ kind: 'grants', name, file: ACCESS_FILE }, () => planGrants(context, grants)))
  }
  const toName = (namespace: Namespace) =>
    ({ kind: 'policy', name: `policy of ${namespaceLabel(namespace)}`, file: ACCESS_FILE }) as const
  for (const policy of policies ?? []) {
    planned.push(await planEntry(toName(policy.namespace), () => planPolicy(context, policy)))
  }
  for (const namespace of policies ? await listUndeclared(context, policies) : []) {
    planned.push(await planEntry(toName(namespace), () => planPolicyEnd(context, namespace)))
  }
  return planned
}

type Grant = { holder: Holder & { name: string }; role: Role; resource: Resource }

async function planGrants({ services, catalog, request, allowed }: FolderContext, declared: readonly DeclaredGrant[]) {
  const { database } = services
  const { actor, requestId } = request
  const target = await resolveGrants(database, catalog, declared)
  const stored = await listGrants(database, { within: { catalog } }, MAX_GRANTS)
  const byKey = new Map(stored.map((grant) => [grantKey(grant), grant]))
  const added = [...target.values()].filter((grant) => byKey.get(grantKey(grant))?.role !== grant.role)
  const removed = stored.filter((grant) => !target.has(grantKey(grant)))
  const changes: FolderChange[] = [
    ...added.map((grant) => describeGrant(grant, byKey.get(grantKey(grant))?.role)),
    ...removed.map((grant) => ({ sign: '-' as const, text: `Remove ${grantLabel(grant)}` })),
  ]
  const apply: PlannedEntry['apply'] = async () => {
    for (const { holder, role, resource } of added) {
      await addGrant(services, { holder, role, resource }, { actor, requestId })
    }
    for (const { grantId } of removed) await removeGrant(services, grantId, { actor, requestId })
    return { result: 'committed' }
  }
  const missingFlags = removed.length > 0 && !allowed['allow-removals'] ? ['allow-removals'] : []
  return { entry: { changes, missingFlags }, apply }
}

/** @throws {AppError} not-found for a holder, invalid-request for a grant that is declared twice */
async function resolveGrants(
  database: Database,
  catalog: string,
  declared: readonly DeclaredGrant[],
): Promise<Map<string, Grant>> {
  const target = new Map<string, Grant>()
  for (const { user, group, role, namespace, table } of declared) {
    const resource = { catalog, ...(namespace && { namespace }), ...(table !== undefined && { table }) }
    requireLimits(resource)
    const holder =
      user !== undefined
        ? { kind: 'user' as const, id: (await requireUserNamed(database, user)).userId, name: user }
        : group !== undefined
          ? { kind: 'group' as const, id: (await requireGroupNamed(database, group)).groupId, name: group }
          : { ...EVERYONE, name: 'everyone' }
    const grant = { holder, role, resource }
    if (target.has(grantKey(grant))) {
      throw new AppError(
        'invalid-request',
        `${ACCESS_FILE} has two roles for ${holderLabel(grant)} on ${resourceLabel(resource)}.`,
      )
    }
    target.set(grantKey(grant), grant)
  }
  return target
}

function describeGrant(grant: Grant, role: Role | undefined): FolderChange {
  return role === undefined
    ? { sign: '+', text: `Grant ${grantLabel(grant)}` }
    : { sign: '~', text: `Change ${role} to ${grantLabel(grant)}` }
}

function grantLabel(grant: Grant | StoredGrant): string {
  return `${grant.role} on ${resourceLabel(grant.resource)} for ${holderLabel(grant)}`
}

function holderLabel({ holder: { kind, name } }: Pick<Grant, 'holder'> | Pick<StoredGrant, 'holder'>): string {
  return kind === 'everyone' ? 'everyone' : `${kind} ${name}`
}

function grantKey({ holder, resource }: Pick<Grant, 'holder' | 'resource'> | StoredGrant): string {
  const { catalog = null, namespace = null, table = null } = resource
  return JSON.stringify([holder.kind, holder.id, catalog, namespace, table])
}

/**
 * The namespaces with a policy that the file leaves out.
 *
 * @throws {AppError} invalid-request when the catalog has more policies than a file
 */
async function listUndeclared(
  { services, catalog }: FolderContext,
  declared: readonly DeclaredPolicy[],
): Promise<Namespace[]> {
  const stored = await listPolicyNamespaces(services.database, catalog, MAX_POLICIES + 1)
  if (stored.length > MAX_POLICIES) {
    throw new AppError('invalid-request', `${catalog} has more than ${MAX_POLICIES} policies, the most of a file.`)
  }
  const names = new Set(declared.map(({ namespace }) => joinNamespace(namespace)))
  return stored.filter((namespace) => !names.has(joinNamespace(namespace)))
}

/** A policy outlives its namespace. Until that is created again, it holds for nothing and cannot be changed. */
async function planPolicyEnd(context: FolderContext, namespace: Namespace) {
  try {
    return await planPolicy(context, { namespace, 'two-people': false })
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return { entry: { changes: [] }, apply: null }
    throw error
  }
}

/** A stricter policy is set at once, and a weaker one needs two people, as in the console. */
async function planPolicy({ services, catalog, request, allowed }: FolderContext, declared: DeclaredPolicy) {
  const on: NamespaceIdentifier = { catalog, namespace: declared.namespace }
  requireLimits(on)
  const opened = await services.catalogs.open(catalog, request.actor)
  await opened.loadNamespace(on.namespace, { signal: request.signal })
  const own = await readOwnPolicy(services.database, on)
  const policy = { requiresProposal: declared['two-people'], includesEngines: declared.engines ?? false }
  const changes: FolderChange[] = [
    ...describeRule('Changes need two people', own.requiresProposal, policy.requiresProposal),
    ...describeRule('Commits of engines are refused, except appends', own.includesEngines, policy.includesEngines),
  ]
  const isWeaker = changes.some(({ sign }) => sign === '-')
  const apply: PlannedEntry['apply'] = async (proposal) => {
    const attempt = { ...request, idempotencyKey: newAuditId() }
    if (isWeaker && proposal !== null) {
      const action = { kind: 'relax-change-policy' as const, requiresProposal: policy.requiresProposal }
      const { proposalId } = await propose(
        services,
        { kind: 'namespace', identifier: on },
        { action, ...proposal },
        attempt,
      )
      return { result: 'proposed', proposalId }
    }
    const { auditId } = await carryOut(services, setChangePolicyAction, { on, input: policy }, attempt)
    return { result: 'committed', auditId }
  }
  const missingFlags = isWeaker && !allowed['allow-removals'] ? ['allow-removals'] : []
  return { entry: { changes, needsProposal: isWeaker, missingFlags }, apply }
}

function describeRule(text: string, isNow: boolean, isDeclared: boolean): FolderChange[] {
  if (isNow === isDeclared) return []
  return [
    isDeclared
      ? { sign: '+', text }
      : { sign: '-', text: `No longer: ${text.charAt(0).toLowerCase()}${text.slice(1)}` },
  ]
}

function requireLimits(names: Resource): void {
  try {
    requireNameLimits(names)
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    throw new AppError('invalid-request', `${ACCESS_FILE}: ${cause.message}`, { cause })
  }
}
