'use client'
import { IconDatabase } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { NamespaceList } from '@/components/namespaces/namespace-list'
import { CopyButton } from '@/components/ui/copy-button'
import { catalogsQuery } from '@/lib/client/catalogs'
import classes from './catalog-page.module.css'

/** A catalog: where it is, and its namespaces. */
export function CatalogPage({ catalog }: { catalog: string }) {
  const { data: catalogs } = useQuery(catalogsQuery())
  const known = catalogs?.find(({ name }) => name === catalog)
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <IconDatabase size={18} stroke={1.6} aria-hidden />
        <h1 className={classes.title}>{catalog}</h1>
        <CopyButton value={catalog} label="catalog name" />
        {known && (
          <>
            <span className={classes.kind}>{known.kind} catalog</span>
            <code className={classes.location}>{known.warehouse}</code>
          </>
        )}
      </header>
      <NamespaceList catalog={catalog} />
    </div>
  )
}
