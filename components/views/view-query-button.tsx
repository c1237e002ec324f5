'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { catalogsQuery } from '@/lib/client/catalogs'
import type { ViewVersion } from '@/lib/contract/views'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { qualifyViewSql } from '@/lib/query/tables/qualify-names'
import { queryButtonLook } from './query-button-look'

export type ViewQueryButtonProps = {
  view: ViewIdentifier
  version: Pick<ViewVersion, 'defaultCatalog' | 'defaultNamespace'>
  sql: string
  dialect: string
}

/** Opens the SQL of a version in Query, with its names as the view understands them. */
export function ViewQueryButton({ view, version, sql, dialect }: ViewQueryButtonProps) {
  const { data: catalogs } = useQuery(catalogsQuery())
  const connections = catalogs?.map(({ name }) => name) ?? [view.catalog]
  return (
    <Button
      component={Link}
      href={paths.query(qualifyViewSql(sql, view, version, connections))}
      prefetch={false}
      {...queryButtonLook(dialect)}
    />
  )
}
