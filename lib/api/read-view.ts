import { AppError } from '@/lib/errors'
import type { ReadView } from '@/lib/query/session/view-definition'
import { callEndpoint } from './call-endpoint'

/** Requests a view from our API. Not every catalog has views. */
export const readView: ReadView = async ({ catalog, namespace, table: view }, options) => {
  const detail = await callEndpoint('getView', { catalog, namespace, view }, options).catch((error: unknown) => {
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'not-supported')) return null
    throw error
  })
  const version = detail?.versions.find(({ versionId }) => versionId === detail.currentVersionId)
  if (!detail || !version) return null
  return {
    key: `${detail.viewUuid} ${version.versionId}`,
    fields: detail.schemas.find(({ schemaId }) => schemaId === version.schemaId)?.fields ?? [],
    defaultCatalog: version.defaultCatalog,
    defaultNamespace: version.defaultNamespace,
    representations: version.representations.flatMap((representation) =>
      representation.type === 'sql' ? [{ dialect: representation.dialect, sql: representation.sql }] : [],
    ),
  }
}
