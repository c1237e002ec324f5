import 'server-only'
import { asTableIdentifier, asViewIdentifier } from '@/lib/names/identifiers'
import { enforceNameLimits } from '@/lib/names/name-limits'
import { readRequest } from '@/lib/iceberg/json/read-request'
import { viewChangeFromJson } from '@/lib/iceberg/view/view-change-json'
import { viewMetadataToJson } from '@/lib/iceberg/view/view-metadata-json'
import type { LoadedView } from '@/server/catalog/port/loaded-table'
import { doUnlessHeld } from '@/server/policy/held-entries'
import { dropUnprotectedView, loadUnprotectedView } from './drop-unprotected'
import { auditedRowOptions, auditedViewOptions } from './audit'
import { readPage } from './paging'
import { bodyFields, viewInPath } from './request-input'
import { type OperationResult, type OperationHandler, resultText } from './serve-operation'
import { parseRename, RENAME_BY_ENGINE } from './tables'
import { createViewRequestFromJson } from '@/lib/iceberg/view/create-view-request'

/** The operations on views. Spec: REST `open-api`, tag *Catalog API*, paths `…/views…`. */

export const listViews: OperationHandler = async ({ namespace, query }, { catalog, signal }) => {
  const { items, nextPageToken } = await readPage(query, {
    all: () => catalog.listViews(namespace, { signal }),
    page: (page) => catalog.pages.views(namespace, page),
  })
  return {
    json: {
      identifiers: items.map(({ view }) => ({ namespace, name: view })),
      'next-page-token': nextPageToken,
    },
  }
}

export const createView: OperationHandler = async (input, context) => {
  const { name, ...view } = createViewRequestFromJson(input.body)
  return toLoadViewResult(
    await context.catalog.write(
      { kind: 'create-view', view: { ...viewInPath(input), view: name }, ...view },
      auditedViewOptions(context, 'create-view', viewResultText),
    ),
  )
}

export const registerView: OperationHandler = async (input, context) => {
  const { name, metadataLocation } = readRequest(() => {
    const fields = bodyFields(input)
    return { name: fields.text('name'), metadataLocation: fields.text('metadata-location') }
  })
  enforceNameLimits({ table: name })
  const identifier = { ...viewInPath(input), view: name }
  return toLoadViewResult(
    await context.catalog.write(
      { kind: 'register-view', view: identifier, metadataLocation },
      auditedViewOptions(context, 'register-view', viewResultText),
    ),
  )
}

export const loadView: OperationHandler = async (input, { catalog, signal }) =>
  toLoadViewResult(await catalog.loadView(viewInPath(input), { signal }))

export const viewExists: OperationHandler = async (input, { catalog, signal }) => {
  await catalog.loadView(viewInPath(input), { signal })
  return { status: 204 }
}

export const replaceView: OperationHandler = async (input, context) => {
  const change = viewChangeFromJson(input.body)
  const identifier = viewInPath(input)
  const { alongside, signal } = auditedViewOptions(context, 'replace-view', viewResultText)
  const act = { what: 'A new version of a view', by: 'engines', isProposable: true } as const
  const view = await doUnlessHeld(context.database, identifier, act, (guards) =>
    context.catalog.write(
      { kind: 'commit-view', view: identifier, change },
      {
        signal,
        alongside: (committed) => [...alongside(committed), ...guards],
      },
    ),
  )
  await context.storeIdempotencyKey({ text: viewResultText(view) })
  return toLoadViewResult(view)
}

export const dropView: OperationHandler = async (input, context) => {
  const identifier = viewInPath(input)
  await dropUnprotectedView(identifier, context, (view) =>
    auditedRowOptions(context, 'drop-view', asTableIdentifier(identifier), uuidOf(view)),
  )
  return { status: 204 }
}

export const renameView: OperationHandler = async (input, context) => {
  const { source, destination } = parseRename(input)
  const view = await loadUnprotectedView(asViewIdentifier(source), context)
  const facts = { ...uuidOf(view), renamedTo: destination }
  const { alongside, signal } = auditedRowOptions(context, 'rename-view', source, facts)
  await doUnlessHeld(context.database, source, RENAME_BY_ENGINE, (guards) =>
    context.catalog.write(
      { kind: 'rename-view', view: asViewIdentifier(source), to: asViewIdentifier(destination) },
      {
        signal,
        alongside: (row) => [...alongside(row), ...guards],
      },
    ),
  )
  return { status: 204 }
}

/** For the audit, which has it under every name. */
function uuidOf(view: LoadedView | null) {
  return { tableUuid: view?.metadata.viewUuid ?? null }
}

function toLoadViewResult({ metadata, metadataLocation }: LoadedView): OperationResult {
  return { json: { 'metadata-location': metadataLocation, metadata: viewMetadataToJson(metadata), config: {} } }
}

const viewResultText = (view: LoadedView) => resultText(toLoadViewResult(view))
