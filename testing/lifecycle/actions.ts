import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import type { NamespaceIdentifier, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import { changePropertiesAction, createNamespaceAction } from '@/server/changes/actions/change-namespace'
import { changeViewAction } from '@/server/changes/actions/change-view'
import { cherryPickAction } from '@/server/changes/actions/cherry-pick'
import { cloneTableAction } from '@/server/changes/actions/clone-table'
import { createTableAction } from '@/server/changes/actions/create-table'
import { createViewAction } from '@/server/changes/actions/create-view'
import { dropNamespaceAction } from '@/server/changes/actions/drop-namespace'
import { dropTableAction } from '@/server/changes/actions/drop-table'
import { dropViewAction } from '@/server/changes/actions/drop-view'
import { publishAction } from '@/server/changes/actions/publish'
import { renameTableAction } from '@/server/changes/actions/rename-table'
import { renameViewAction } from '@/server/changes/actions/rename-view'
import { restoreAction } from '@/server/changes/actions/restore'
import { rewriteFilesAction } from '@/server/changes/actions/rewrite-files'
import { setChangePolicyAction } from '@/server/changes/actions/set-change-policy'
import { undoAction } from '@/server/changes/actions/undo'
import { undoExpiryAction } from '@/server/changes/actions/undo-expiry'
import type { Action } from '@/server/changes/pipeline/action'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import type { ChangeRequest, ChangeServices, Target } from '@/server/changes/pipeline/change-request'
import type { Services } from '@/server/services'

/** Actions as functions, as tests carry them out. */

function toFunction<Needs extends ChangeServices, On extends Target, Input, Done extends object>(
  action: Action<Needs, On, Input, Done>,
) {
  return (services: Needs, on: On, input: Input, request: ChangeRequest) =>
    carryOut(services, action, { on, input }, request)
}

export const createNamespace = toFunction(createNamespaceAction)
export const changeNamespaceProperties = toFunction(changePropertiesAction)
export const dropNamespace = toFunction(dropNamespaceAction)
export const createTable = toFunction(createTableAction)
export const cloneTable = toFunction(cloneTableAction)
export const restoreTable = toFunction(restoreAction)
export const dropTable = toFunction(dropTableAction)
export const commitCherryPick = toFunction(cherryPickAction)
export const publish = toFunction(publishAction)
export const undoExpiry = toFunction(undoExpiryAction)
export const createView = toFunction(createViewAction)
export const commitViewEdit = toFunction(changeViewAction)
export const dropView = toFunction(dropViewAction)

export function setChangePolicy(
  services: ChangeServices,
  on: NamespaceIdentifier,
  { requiresProposal, includesEngines = false }: { requiresProposal: boolean; includesEngines?: boolean },
  request: ChangeRequest,
) {
  return carryOut(services, setChangePolicyAction, { on, input: { requiresProposal, includesEngines } }, request)
}

export function rewriteFiles(services: Services, on: TableIdentifier, request: ChangeRequest) {
  return carryOut(services, rewriteFilesAction, { on, input: {} }, request)
}

export function renameTable(services: Services, on: TableIdentifier, to: TableIdentifier, request: ChangeRequest) {
  return carryOut(services, renameTableAction, { on, input: { to } }, request)
}

export function renameView(services: Services, on: ViewIdentifier, to: ViewIdentifier, request: ChangeRequest) {
  return carryOut(services, renameViewAction, { on, input: { to } }, request)
}

export function undo(
  services: Pick<Services, 'catalogs' | 'database' | 'keys' | 'metadataFiles'>,
  on: TableIdentifier,
  auditId: string,
  { safetyTag = null, ...request }: ChangeRequest & { safetyTag?: SafetyTag | null | undefined },
) {
  return carryOut(services, undoAction, { on, input: { auditId, safetyTag } }, request)
}
