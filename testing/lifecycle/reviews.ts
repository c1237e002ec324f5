import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import { changeViewAction } from '@/server/changes/actions/change-view'
import { cherryPickAction } from '@/server/changes/actions/cherry-pick'
import { createTableAction } from '@/server/changes/actions/create-table'
import { createViewAction } from '@/server/changes/actions/create-view'
import { dropNamespaceAction } from '@/server/changes/actions/drop-namespace'
import { dropTableAction } from '@/server/changes/actions/drop-table'
import { dropViewAction } from '@/server/changes/actions/drop-view'
import { registerTableAction } from '@/server/changes/actions/register-table'
import { renameTableAction } from '@/server/changes/actions/rename-table'
import { renameViewAction } from '@/server/changes/actions/rename-view'
import { refDropReview, refMoveReview } from '@/server/changes/actions/refs/review-refs'
import { reviewIntents as findReview } from '@/server/changes/actions/review-intents'
import { undoExpiryAction } from '@/server/changes/actions/undo-expiry'
import type { Target } from '@/server/changes/pipeline/change-request'
import { showReview } from '@/server/changes/pipeline/review-action'
import type { Services } from '@/server/services'

/** Reviews of actions, as users see them before they carry them out. */

type Reader = { actor: Actor; signal: AbortSignal }
type Requested<Action extends { review(reviewing: never, on: never, requested: never): unknown }> = Parameters<
  Action['review']
>[2]

export async function reviewIntents(...looked: Parameters<typeof findReview>) {
  return (await findReview(...looked)).show()
}

type RefServices = Parameters<typeof refMoveReview.review>[0]['services']

export function reviewRefMove(
  services: RefServices,
  on: TableIdentifier,
  input: Requested<typeof refMoveReview>,
  reader: Reader,
) {
  return showReview(services, refMoveReview, { on, input }, reader)
}

export function reviewRefDrop(
  services: RefServices,
  on: TableIdentifier,
  input: Requested<typeof refDropReview>,
  reader: Reader,
) {
  return showReview(services, refDropReview, { on, input }, reader)
}

export function reviewRename(services: Services, on: TableIdentifier, to: TableIdentifier, reader: Reader) {
  return showReview(services, renameTableAction, { on, input: { to } }, reader)
}

export function reviewViewRename(services: Services, on: ViewIdentifier, to: ViewIdentifier, reader: Reader) {
  return showReview(services, renameViewAction, { on, input: { to } }, reader)
}

export function reviewDrop(services: Services, on: TableIdentifier, reader: Reader, { keepsFiles = false } = {}) {
  return showReview(services, dropTableAction, { on, input: { isPurge: false, keepsFiles } }, reader)
}

export function reviewViewDrop(services: Services, on: ViewIdentifier, reader: Reader) {
  return showReview(services, dropViewAction, { on, input: {} }, reader)
}

export function reviewNamespaceDrop(services: Services, on: Target, reader: Reader) {
  return showReview(services, dropNamespaceAction, { on, input: {} }, reader)
}

export function reviewViewEdit(services: Services, on: ViewIdentifier, edit: ViewEdit, reader: Reader) {
  return showReview(services, changeViewAction, { on, input: { edit } }, reader)
}

export function reviewNewTable(
  services: Services,
  on: TableIdentifier,
  input: Requested<typeof createTableAction>,
  reader: Reader,
) {
  return showReview(services, createTableAction, { on, input }, reader)
}

export function reviewNewView(
  services: Services,
  on: ViewIdentifier,
  input: Requested<typeof createViewAction>,
  reader: Reader,
) {
  return showReview(services, createViewAction, { on, input }, reader)
}

export function reviewRegistration(services: Services, on: TableIdentifier, metadataLocation: string, reader: Reader) {
  return showReview(services, registerTableAction, { on, input: { metadataLocation } }, reader)
}

export function reviewCherryPick(
  services: Services,
  on: TableIdentifier,
  input: Requested<typeof cherryPickAction>,
  reader: Reader,
) {
  return showReview(services, cherryPickAction, { on, input }, reader)
}

export function readExpiryUndo(services: Services, on: TableIdentifier, auditId: string, reader: Reader) {
  return showReview(services, undoExpiryAction, { on, input: { auditId, newName: undefined } }, reader)
}
