import 'server-only'
import { fromRequest } from '@/lib/iceberg/request-json'
import type { NamespaceChange } from '@/server/catalog/catalog-client'
import { changedProperties } from '@/server/catalog/changed-properties'
import { type Namespace, splitNamespace } from '@/lib/iceberg/identifiers'
import { type Needs, type RestWork, textOf } from './serve-operation'
import { pageOf } from './paging'
import { fieldsOf, type RestInput } from './request-input'

/** The operations on namespaces. Spec: REST `open-api`, tag *Catalog API*, paths `/v1/{prefix}/namespaces…`. */

export const listNamespaces: RestWork = async ({ query }, { catalog, signal }) => {
  const named = query.get('parent')
  const parent = named ? splitNamespace(named) : null
  const { items, nextPageToken } = await pageOf(query, {
    whole: () => catalog.listNamespaces(parent, { signal }),
    page: (page) => catalog.pages.namespaces(parent, page),
  })
  return { json: { namespaces: items, 'next-page-token': nextPageToken } }
}

export const createNamespace: RestWork = async (input, { catalog, signal, keyChanges }) => {
  const { namespace, properties } = namespaceOfBody(input)
  const answerOf = (kept: Readonly<Record<string, string>>) => ({ json: { namespace, properties: kept } })
  let answer = answerOf(properties)
  const alongside = ({ after }: NamespaceChange) => {
    // The catalog's own are not kept as properties.
    answer = answerOf(after?.properties ?? properties)
    return keyChanges({ text: textOf(answer) })
  }
  await catalog.createNamespace(namespace, properties, { signal, alongside })
  return answer
}

/**
 * With the `location` of its tables among the properties, as Iceberg's own catalogs have it: without one, Trino makes
 * a table before it looks whether its folder is empty, and then fails (trinodb/trino#26742).
 */
export const loadNamespaceMetadata: RestWork = async ({ namespace }, { catalog, signal }) => {
  const { properties } = await catalog.loadNamespace(namespace, { signal })
  const location = catalog.namespaceLocation?.(namespace)
  return { json: { namespace, properties: { ...(location !== undefined && { location }), ...properties } } }
}

export const namespaceExists: RestWork = async ({ namespace }, { catalog, signal }) => {
  await catalog.loadNamespace(namespace, { signal })
  return { status: 204 }
}

export const dropNamespace: RestWork = async ({ namespace }, { catalog, signal, keyChanges }) => {
  await catalog.dropNamespace(namespace, { signal, alongside: () => keyChanges() })
  return { status: 204 }
}

export const updateProperties: RestWork = async (input, { catalog, signal, keyChanges, keepKey }) => {
  const change = fromRequest(() => {
    const fields = fieldsOf(input)
    return { updates: fields.textMap('updates'), removals: fields.texts('removals') }
  })
  const alongside = ({ before }: NamespaceChange) =>
    keyChanges({ text: textOf({ json: changedProperties(before?.properties ?? {}, change) }) })
  const answer = { json: await catalog.updateNamespace(input.namespace, change, { signal, alongside }) }
  await keepKey({ text: textOf(answer) })
  return answer
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
