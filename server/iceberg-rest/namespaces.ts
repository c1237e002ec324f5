import 'server-only'
import { readRequest } from '@/lib/iceberg/json/read-request'
import type { NamespaceChange } from '@/server/catalog/port/catalog-write'
import { changedProperties } from '@/server/catalog/changed-properties'
import { type Namespace, splitNamespace } from '@/lib/names/identifiers'
import { enforceNameLimits } from '@/lib/names/name-limits'
import { type ExtraPermissions, type OperationHandler, resultText } from './serve-operation'
import { readPage } from './paging'
import { bodyFields, type RestInput } from './request-input'

/** The operations on namespaces. Spec: REST `open-api`, tag *Catalog API*, paths `/v1/{prefix}/namespaces…`. */

export const listNamespaces: OperationHandler = async ({ query }, { catalog, signal }) => {
  const parentText = query.get('parent')
  const parent = parentText ? splitNamespace(parentText) : null
  if (parent) enforceNameLimits({ namespace: parent })
  const { items, nextPageToken } = await readPage(query, {
    all: () => catalog.listNamespaces(parent, { signal }),
    page: (page) => catalog.pages.namespaces(parent, page),
  })
  return { json: { namespaces: items, 'next-page-token': nextPageToken } }
}

export const createNamespace: OperationHandler = async (input, { catalog, signal, idempotencyChanges }) => {
  const { namespace, properties } = parseNamespaceBody(input)
  const toResult = (storedProperties: Readonly<Record<string, string>>) => ({
    json: { namespace, properties: storedProperties },
  })
  let result = toResult(properties)
  const alongside = ({ after }: NamespaceChange) => {
    // Reserved properties of the catalog are not stored.
    result = toResult(after?.properties ?? properties)
    return idempotencyChanges({ text: resultText(result) })
  }
  await catalog.write({ kind: 'create-namespace', namespace, properties }, { signal, alongside })
  return result
}

/**
 * Adds the default `location` of tables to the properties, as Iceberg's own catalogs do. Without it, Trino creates a
 * table before it checks that the folder is empty, and then fails (trinodb/trino#26742).
 */
export const loadNamespaceMetadata: OperationHandler = async ({ namespace }, { catalog, signal }) => {
  const { properties } = await catalog.loadNamespace(namespace, { signal })
  const location = catalog.namespaceLocation?.(namespace)
  return { json: { namespace, properties: { ...(location !== undefined && { location }), ...properties } } }
}

export const namespaceExists: OperationHandler = async ({ namespace }, { catalog, signal }) => {
  await catalog.loadNamespace(namespace, { signal })
  return { status: 204 }
}

export const dropNamespace: OperationHandler = async ({ namespace }, { catalog, signal, idempotencyChanges }) => {
  await catalog.write({ kind: 'drop-namespace', namespace }, { signal, alongside: () => idempotencyChanges() })
  return { status: 204 }
}

export const updateProperties: OperationHandler = async (
  input,
  { catalog, signal, idempotencyChanges, storeIdempotencyKey },
) => {
  const change = readRequest(() => {
    const fields = bodyFields(input)
    return { updates: fields.textMap('updates'), removals: fields.texts('removals') }
  })
  const alongside = ({ before }: NamespaceChange) =>
    idempotencyChanges({ text: resultText({ json: changedProperties(before?.properties ?? {}, change) }) })
  const result = {
    json: await catalog.write(
      { kind: 'update-namespace', namespace: input.namespace, ...change },
      { signal, alongside },
    ),
  }
  await storeIdempotencyKey({ text: resultText(result) })
  return result
}

/** @throws {AppError} invalid-request */
function parseNamespaceBody(input: RestInput): { namespace: Namespace; properties: Record<string, string> } {
  return readRequest(() => {
    const fields = bodyFields(input)
    const namespace = fields.texts('namespace')
    enforceNameLimits({ namespace })
    return { namespace, properties: fields.textMap('properties') }
  })
}

/** The path does not name the namespace; only the body does. */
export const permissionsToCreate: ExtraPermissions = (input) => {
  const { namespace } = parseNamespaceBody(input)
  return [{ permission: 'table:write', resource: { catalog: input.catalog, namespace } }]
}
