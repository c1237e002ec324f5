import { SchemaTree } from '@/components/schema/schema-tree'

export default function SchemaPage() {
  return <SchemaTree />
}
