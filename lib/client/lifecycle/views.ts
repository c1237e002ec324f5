import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { joinNamespace, type ViewIdentifier } from '@/lib/names/identifiers'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import type { SqlDraft, ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import { toCallOptions } from '../call/retry'
import { useKeyedRequest } from '../call/use-keyed-request'
import { useSingleMutation } from '../call/use-single-mutation'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'
import { refreshUses } from '@/lib/client/table/uses'
import { refreshWithout } from '@/lib/client/table/refresh-without'

type Defaults = Pick<ViewVersionDraft, 'defaultCatalog' | 'defaultNamespace'>
type NewView = { version: ViewVersionDraft; properties: Readonly<Record<string, string>> }

/** The pause before a retry when the server was busy. */
const BUSY_PAUSE_MS = 2_000

/** The columns that a query would give the view. Each request is a process on the server, so results are cached. */
export function viewColumnsQuery(view: ViewIdentifier, { dialect, sql }: SqlDraft, defaults: Defaults) {
  const { defaultCatalog, defaultNamespace } = defaults
  const input = { dialect, sql, defaultCatalog, defaultNamespace: [...defaultNamespace] }
  return queryOptions({
    queryKey: [...keys.view(view), 'columns', input],
    queryFn: (context) => callEndpoint('readViewColumns', { ...view, ...input }, toCallOptions(context)),
    retry: false,
    gcTime: 60_000,
    refetchInterval: ({ state }) => (state.data?.outcome === 'busy' ? BUSY_PAUSE_MS : false),
  })
}

export function newViewReviewQuery(view: ViewIdentifier, request: NewView) {
  return queryOptions({
    queryKey: [...keys.namespace(view.catalog, view.namespace), 'new-view-review', view.view, request],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewNewView', { ...view, ...toWire(request) }, toCallOptions(context)),
    // The statements stay visible while the form is edited.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

export function viewEditReviewQuery(view: ViewIdentifier, edit: ViewEdit) {
  return queryOptions({
    queryKey: [...keys.view(view), 'edit-review', edit],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewViewEdit', { ...view, edit: editToWire(edit) }, toCallOptions(context)),
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

export type ViewWrite = ViewIdentifier & { idempotencyKey: string } & (
    | (NewView & { kind: 'create' })
    | { kind: 'edit'; edit: ViewEdit }
  )

/** Creates or changes a view. @param onMade called also when the page was left meanwhile */
export function useWriteView(onMade: (view: ViewIdentifier) => void) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: async (write: ViewWrite) => {
      const { catalog, namespace, view, idempotencyKey } = write
      const target = { catalog, namespace, view, idempotencyKey }
      return write.kind === 'create'
        ? callEndpoint('createView', { ...target, ...toWire(write) })
        : callEndpoint('commitViewEdit', { ...target, edit: editToWire(write.edit) })
    },
    onSuccess: (_output, { catalog, namespace, view }) => {
      onMade({ catalog, namespace, view })
      void queryClient.invalidateQueries({ queryKey: keys.catalog(catalog) })
    },
  })
}

/** Requests the outcome of a request whose response was lost. Does not send that request again. */
export function useFindViewWrite() {
  return useSingleMutation({
    mutationFn: ({ catalog, namespace, view, idempotencyKey }: ViewIdentifier & { idempotencyKey: string }) =>
      callEndpoint('findViewWrite', { catalog, namespace, view, idempotencyKey }),
  })
}

/** How the view gets the new name, and its blockers. */
export function viewRenameReviewQuery(from: ViewIdentifier, to: ViewIdentifier) {
  const names = { toNamespace: to.namespace, toView: to.view }
  return queryOptions({
    queryKey: [...keys.view(from), 'rename-review', joinNamespace(to.namespace), to.view],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewViewRename', { ...from, ...names }, toCallOptions(context)),
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

/** @param onRenamed called with the new name, also when the panel was closed meanwhile */
export function useRenameView(from: ViewIdentifier, onRenamed: (to: ViewIdentifier) => void) {
  const queryClient = useQueryClient()
  const sendKeyed = useKeyedRequest()
  return useSingleMutation({
    mutationFn: ({ to, confirmedName }: { to: ViewIdentifier; confirmedName: string | undefined }) =>
      sendKeyed({ ...from, toNamespace: to.namespace, toView: to.view, confirmedName }, (input) =>
        callEndpoint('renameView', input),
      ),
    onError: () => refreshUses(queryClient, from),
    onSuccess: (_output, { to }) => {
      onRenamed(to)
      void refreshWithout(queryClient, from.catalog, keys.view(from))
    },
  })
}

export function viewDropReviewQuery(view: ViewIdentifier) {
  return queryOptions({
    queryKey: [...keys.view(view), 'drop-review'],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewViewDrop', view, toCallOptions(context)),
    gcTime: 0,
  })
}

/** @param onDropped called also when the panel was closed meanwhile */
export function useDropView(view: ViewIdentifier, onDropped: () => void) {
  const queryClient = useQueryClient()
  const sendKeyed = useKeyedRequest()
  return useSingleMutation({
    mutationFn: (choice: { metadataLocation: string | null; confirmedName: string }) =>
      sendKeyed({ ...view, ...choice }, (input) => callEndpoint('dropView', input)),
    onSuccess: () => {
      onDropped()
      void refreshWithout(queryClient, view.catalog, keys.view(view))
    },
  })
}

function toWire({ version, properties }: NewView) {
  return { version: versionToWire(version), properties: { ...properties } }
}

/** An edit as requests have it. */
export function editToWire(edit: ViewEdit) {
  if (edit.kind === 'roll-back') return edit
  if (edit.kind === 'properties') return { ...edit, changes: [...edit.changes] }
  const { kind, baseVersionId, retainedDialects } = edit
  return { kind, baseVersionId, retainedDialects: [...retainedDialects], ...versionToWire(edit) }
}

function versionToWire({ representations, defaultCatalog, defaultNamespace, schema }: ViewVersionDraft) {
  return {
    representations: [...representations],
    defaultCatalog,
    defaultNamespace: [...defaultNamespace],
    schema: { ...schema, identifierFieldIds: [], fields: [...schema.fields] },
  }
}
