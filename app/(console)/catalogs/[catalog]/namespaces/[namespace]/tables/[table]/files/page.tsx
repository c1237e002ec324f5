import { FileList } from '@/components/files/file-list'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('files')

export default function FilesPage() {
  return <FileList />
}
