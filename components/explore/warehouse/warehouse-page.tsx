'use client'
import { IconDatabase } from '@tabler/icons-react'
import { NameHeader } from '@/components/ui/name-header'
import { useWarehouseFolder } from './use-warehouse-folder'
import { WarehouseBrowser } from './warehouse-browser'

/** The folders of a catalog's warehouse as they are stored, for operators. */
export function WarehousePage({ catalog }: { catalog: string }) {
  const { folder } = useWarehouseFolder(catalog)
  return (
    <div className="stack fill">
      <NameHeader
        icon={IconDatabase}
        name={catalog}
        copyLabel="catalog name"
        chips={['warehouse']}
        location={null}
        hasEdge
      />
      <WarehouseBrowser key={folder} catalog={catalog} />
    </div>
  )
}
