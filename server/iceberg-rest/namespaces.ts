import 'server-only'
import { fromRequest } from '@/lib/iceberg/request-json'
import { joinNamespace, type Namespace, splitNamespace } from '@/lib/iceberg/identifiers'
import type { Needs, RestWork } from './serve-operation'
import { pageOf } from './paging'
import { fieldsOf, type RestInput } from './request-input'

/** The operations on namespaces. Spec: REST `open-api`, tag *Catalog API*, paths `/v1/{prefix}/namespaces…`. */

export const listNamespaces: RestWork = async ({ query }, { catalog, signal }) => {
  const parent = query.get('parent')
  const namespaces = await catalog.listNamespaces(parent ? splitNamespace(parent) : null, { signal })
  const { items, nextPageToken } = pageOf(namespaces, joinNamespace, query)
  return { json: { namespaces: items, 'next-page-token': nextPageToken } }
}

export const createNamespace: RestWork = async (input, { catalog, signal, keyStatements }) => {
  const { namespace, properties } = namespaceOfBody(input)
  await catalog.createNamespace(namespace, properties, { signal, alongside: keyStatements })
  return { json: { namespace, properties } }
}

/** Of the creation: what is there now, which may have changed since. */
export const recreatedNamespace: RestWork = async (input, { catalog, signal }) => {
  const { namespace } = namespaceOfBody(input)
  return { json: await catalog.loadNamespace(namespace, { signal }) }
}

export const loadNamespaceMetadata: RestWork = async ({ namespace }, { catalog, signal }) => ({
  json: await catalog.loadNamespace(namespace, { signal }),
})

export const namespaceExists: RestWork = async ({ namespace }, { catalog, signal }) => {
  await catalog.loadNamespace(namespace, { signal })
  return { status: 204 }
}

export const dropNamespace: RestWork = async ({ namespace }, { catalog, signal, keyStatements }) => {
  await catalog.dropNamespace(namespace, { signal, alongside: keyStatements })
  return { status: 204 }
}

export const updateProperties: RestWork = async (input, { catalog, signal, keyStatements }) => {
  const { updates, removals } = fromRequest(() => {
    const fields = fieldsOf(input)
    return { updates: fields.textMap('updates'), removals: fields.texts('removals') }
  })
  const changed = await catalog.updateNamespace(
    input.namespace,
    { updates, removals },
    { signal, alongside: keyStatements },
  )
  return { json: changed }
}

/** What the request would change now is nothing; it tells what it changed when it was done. */
export const updatedProperties: RestWork = async (input) => {
  const fields = fieldsOf(input)
  return { json: { updated: Object.keys(fields.textMap('updates')), removed: fields.texts('removals'), missing: [] } }
}

/** @throws {AppError} invalid-request */
function namespaceOfBody(input: RestInput): { namespace: Namespace; properties: Record<string, string> } {
  return fromRequest(() => {
    const fields = fieldsOf(input)
    return { namespace: fields.texts('namespace'), properties: fields.textMap('properties') }
  })
}

/** Only the body names the namespace. */
export const needsOfCreation: Needs = (input) => {
  const { namespace } = namespaceOfBody(input)
  return [{ permission: 'table:write', on: { catalog: input.catalog, namespace } }]
}
