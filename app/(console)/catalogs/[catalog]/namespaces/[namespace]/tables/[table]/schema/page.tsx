import { SchemaTree } from '@/components/schema/schema-tree'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('schema')

export default function SchemaPage() {
  return <SchemaTree />
}
