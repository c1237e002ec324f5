import { Button } from '@mantine/core'
import Link from 'next/link'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

/** How a table without rows gets some. */
export function WriteActions({ table }: { table: TableIdentifier }) {
  return (
    <>
      <Button component={Link} href={paths.load(table)}>
        Load data
      </Button>
      <Button component={Link} href={paths.connect(table)} variant="default">
        Connect an engine
      </Button>
    </>
  )
}
