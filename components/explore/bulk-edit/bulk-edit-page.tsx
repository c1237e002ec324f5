'use client'
import { Button } from '@mantine/core'
import { IconAdjustments } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { catalogsQuery } from '@/lib/client/catalogs'
import { usePermissions } from '@/lib/client/session/permissions'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import formClasses from '@/components/explore/new-table/new-table.module.css'
import classes from './bulk-edit.module.css'

const LazyForm = lazyComponent(async () => (await import('./bulk-edit-form')).BulkEditForm, { loading: FormSkeleton })

/** Changes properties, tags and grants of many tables of a namespace or of its catalog, moves them, or drops them. */
export function BulkEditPage({ catalog, namespace }: { catalog: string; namespace: Namespace }) {
  const { data: catalogs } = useQuery(catalogsQuery())
  const kind = catalogs?.find(({ name }) => name === catalog)?.kind
  const permissions = usePermissions()
  const label = namespaceLabel(namespace)
  const reason =
    kind === 'files'
      ? 'The tables of this catalog are opened from their metadata files, and cannot be changed.'
      : permissions?.includes('table:propose') === false
        ? 'You may not change tables. An admin can give you a role.'
        : null
  return (
    <section className={classes.page} aria-label="Change many tables">
      <header className={formClasses.header}>
        <h1>
          <IconAdjustments size={18} stroke={1.6} aria-hidden />
          Change many tables
        </h1>
        <span className={classes.quiet}>
          in {catalog} / {label}
        </span>
      </header>
      {reason !== null ? (
        <EmptyState
          action={
            <Button variant="default" component={Link} href={paths.namespace(catalog, namespace)}>
              Back to {label}
            </Button>
          }
        >
          {reason}
        </EmptyState>
      ) : permissions === undefined || catalogs === undefined ? (
        <FormSkeleton />
      ) : (
        <LazyForm catalog={catalog} namespace={namespace} canDrop={kind === 'embedded'} />
      )}
    </section>
  )
}

function FormSkeleton() {
  return <SkeletonRows rows={10} columns={3} label="Opening the form" />
}
