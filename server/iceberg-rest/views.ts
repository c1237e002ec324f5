import 'server-only'
import { fromRequest } from '@/lib/iceberg/request-json'
import { createViewRequestFromJson } from '@/lib/iceberg/create-request-json'
import { viewChangeFromJson } from '@/lib/iceberg/view-change-json'
import { viewMetadataToJson } from '@/lib/iceberg/view-metadata-json'
import type { LoadedView } from '@/server/catalog/catalog-client'
import { ofRow, ofView } from './audit'
import { pageOf } from './paging'
import { fieldsOf, tableOf } from './request-input'
import { type RestAnswer, type RestWork, textOf } from './serve-operation'
import { namesOfRename } from './tables'

/** The operations on views. Spec: REST `open-api`, tag *Catalog API*, paths `…/views…`. */

export const listViews: RestWork = async ({ namespace, query }, { catalog, signal }) => {
  const { items, nextPageToken } = await pageOf(query, {
    whole: () => catalog.listViews(namespace, { signal }),
    page: (page) => catalog.pages.views(namespace, page),
  })
  return {
    json: {
      identifiers: items.map(({ table }) => ({ namespace, name: table })),
      'next-page-token': nextPageToken,
    },
  }
}

export const createView: RestWork = async (input, asked) => {
  const { name, ...view } = createViewRequestFromJson(input.body)
  return viewAnswer(
    await asked.catalog.createView({ ...tableOf(input), table: name }, view, ofView(asked, 'create-view', viewText)),
  )
}

export const registerView: RestWork = async (input, asked) => {
  const { name, metadataLocation } = fromRequest(() => {
    const fields = fieldsOf(input)
    return { name: fields.text('name'), metadataLocation: fields.text('metadata-location') }
  })
  const ref = { ...tableOf(input), table: name }
  return viewAnswer(await asked.catalog.registerView(ref, metadataLocation, ofView(asked, 'register-view', viewText)))
}

export const loadView: RestWork = async (input, { catalog, signal }) =>
  viewAnswer(await catalog.loadView(tableOf(input), { signal }))

export const viewExists: RestWork = async (input, { catalog, signal }) => {
  await catalog.loadView(tableOf(input), { signal })
  return { status: 204 }
}

export const replaceView: RestWork = async (input, asked) => {
  const change = viewChangeFromJson(input.body)
  const view = await asked.catalog.commitView(tableOf(input), change, ofView(asked, 'replace-view', viewText))
  await asked.keepKey({ text: viewText(view) })
  return viewAnswer(view)
}

export const dropView: RestWork = async (input, asked) => {
  await asked.catalog.dropView(tableOf(input), ofRow(asked, 'drop-view'))
  return { status: 204 }
}

export const renameView: RestWork = async (input, asked) => {
  const { source, destination } = namesOfRename(input)
  await asked.catalog.renameView(source, destination, ofRow(asked, 'rename-view', { to: destination }))
  return { status: 204 }
}

function viewAnswer({ metadata, metadataLocation }: LoadedView): RestAnswer {
  return { json: { 'metadata-location': metadataLocation, metadata: viewMetadataToJson(metadata), config: {} } }
}

const viewText = (view: LoadedView) => textOf(viewAnswer(view))
