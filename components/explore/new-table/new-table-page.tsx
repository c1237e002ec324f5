'use client'
import { Button } from '@mantine/core'
import { IconTablePlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useCanChooseLocation } from '@/lib/client/session/location-choice'
import { useHasPermission } from '@/lib/client/session/permissions'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import type { NewTableParent } from './filling'
import classes from './new-table.module.css'
import { TABLE_SOURCES, useTableSource } from './use-table-source'
import { SourceCells } from './source-cells'

const Loading = () => (
  <div className={classes.body}>
    <SkeletonRows rows={8} columns={5} label="Opening the form" />
  </div>
)
const LazyForm = lazyComponent(async () => (await import('./new-table-form')).NewTableForm, { loading: Loading })
const LazyRegister = lazyComponent(async () => (await import('./register-form')).RegisterForm, { loading: Loading })

const SOURCE_CHECK = checkChoice('source', TABLE_SOURCES, 'Columns are declared one by one.')

/** Declares a table of a namespace, or registers one from its metadata file. */
export function NewTablePage(parent: NewTableParent) {
  const { catalog, namespace } = parent
  const [{ source }] = useTableSource()
  const { data: catalogs } = useQuery(catalogsQuery())
  const kind = catalogs?.find(({ name }) => name === catalog)?.kind
  const canWrite = useHasPermission('table:write', { catalog, namespace })
  const canRegister = useCanChooseLocation(catalog)
  const reason =
    canWrite === false
      ? 'Creating tables needs the editor role. An admin can give it to you.'
      : kind === 'files'
        ? 'The tables of this catalog are opened from their metadata files, so none can be created here.'
        : source === 'register' && canRegister === false
          ? `Registering a metadata file needs a role on all of ${catalog}: only its catalog knows whose files the metadata names.`
          : null
  const header = (
    <header className={classes.header}>
      <h1>
        <IconTablePlus size={18} stroke={1.6} aria-hidden />
        {source === 'register' ? 'Register a table' : 'New table'}
      </h1>
      <span className={classes.in}>
        in {catalog} / {namespaceLabel(namespace)}
      </span>
      {reason === null && <OtherSources canRegister={canRegister === true} />}
    </header>
  )
  if (reason !== null) {
    return (
      <div className={classes.page}>
        {header}
        <EmptyState
          action={
            <Button variant="default" component={Link} href={paths.namespace(catalog, namespace)}>
              Back to {namespaceLabel(namespace)}
            </Button>
          }
        >
          {reason}
        </EmptyState>
      </div>
    )
  }
  const top = (
    <>
      {header}
      <AddressProblems checks={SOURCE_CHECK} />
      {source !== 'register' && <SourceCells />}
    </>
  )
  return source === 'register' ? <LazyRegister {...parent}>{top}</LazyRegister> : <LazyForm {...parent}>{top}</LazyForm>
}

/** The ways that are used less often. */
function OtherSources({ canRegister }: { canRegister: boolean }) {
  const [{ source }, setSource] = useTableSource()
  return (
    <div className={classes.others}>
      <Button
        variant={source === 'like' ? 'light' : 'subtle'}
        aria-pressed={source === 'like'}
        onClick={() => void setSource({ source: source === 'like' ? 'declare' : 'like' })}
      >
        Like another table
      </Button>
      {canRegister && (
        <Button
          variant={source === 'register' ? 'light' : 'subtle'}
          aria-pressed={source === 'register'}
          onClick={() => void setSource({ source: source === 'register' ? 'declare' : 'register' })}
        >
          Register a metadata file
        </Button>
      )}
    </div>
  )
}
